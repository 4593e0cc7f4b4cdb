/**
 * An address that may be followed: of a web page, and nothing that acts by itself. Its source is also sent to the browser, so it
 * refers to nothing outside.
 */
export function safeLink(link: string | undefined): string | null {
  return link !== undefined && /^https?:\/\/[\x21-\x7e]+$/.test(link) ? link : null;
}
