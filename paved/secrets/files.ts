/** What is asked of the names of files, and of files that other scanners keep, before a text is searched: it loads no detector. */
export { IGNORE_FILES, type IgnoreFiles, readIgnoreFiles } from './ignore-files.ts';
export { isLockFile, type Setting } from './surroundings.ts';
