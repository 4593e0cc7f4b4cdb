/** What every part of the table is drawn with. */

/** Names of styles, not colours: the terminal's own palette decides, and nothing is said by colour alone. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

export interface Page {
  readonly paint: (style: Style | readonly Style[], text: string) => string;
  /** Columns. */
  readonly width: number;
  /** Whether it is a terminal's, where a text may lead to an address. */
  readonly terminal: boolean;
}
