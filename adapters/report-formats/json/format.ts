import type { Format } from '../port.ts';

/** Characters that JSON leaves as they are and that still act on a terminal or in an editor. */
const acting = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The scan itself; its shape is fixed by core/figures/scan.schema.json. */
export const format: Format = {
  id: 'json',
  description: 'macadam.scan/1: everything, for machines and for a later --baseline.',
  mediaType: 'application/json',
  code: 'all',
  render: ({ scan, comparison, remembered }) => {
    const whole = { ...scan, ...(comparison && { comparison }), remembered };
    return `${JSON.stringify(whole, null, 2).replaceAll(acting, escaped)}\n`;
  },
};
