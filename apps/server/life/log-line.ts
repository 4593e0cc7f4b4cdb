/** A line of the server's log, with its time in UTC: by the clock of the machine, as the entries of decisions that are kept on it. */
export const logLine = (line: string, at: Date): string => `macadam: ${at.toISOString()} ${line}\n`;
