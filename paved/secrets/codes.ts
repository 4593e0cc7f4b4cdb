/** What a code unit is, asked at every keyword of a text: a pattern would take ten times as long for one character. `NaN`, beyond a text, is nothing. */

export const isLower = (code: number): boolean => code >= 97 && code <= 122;
export const isUpper = (code: number): boolean => code >= 65 && code <= 90;
export const isLetter = (code: number): boolean => isLower(code) || isUpper(code);
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
/** A blank or a tab. */
export const isBlank = (code: number): boolean => code === 32 || code === 9;
/** `"` or `'`. */
export const isQuote = (code: number): boolean => code === 34 || code === 39;
/** These and a backtick. */
export const opensText = (code: number): boolean => isQuote(code) || code === 96;
/** A line feed or a carriage return. */
export const endsLine = (code: number): boolean => code === 10 || code === 13;
