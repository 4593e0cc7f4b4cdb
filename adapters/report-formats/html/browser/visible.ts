/**
 * Text from repositories, safe to look at: characters that would hide, reorder or forge what a reader sees (terminal
 * controls, bidirectional overrides, invisible and unpaired ones) are shown by their code point instead. Joiners
 * stay, since scripts and emoji need them. Its source is also sent to the browser, so it refers to nothing outside.
 */
export function visible(text: string): string {
  const deceptive =
    /(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
  return text.replace(
    deceptive,
    (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}
