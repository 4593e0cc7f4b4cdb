/**
 * Parts of Node that most texts do not need, loaded when one is asked for first: a hook starts at every push, and people wait for
 * each module that it loads.
 */
import type * as ChildProcess from 'node:child_process';
import type * as Crypto from 'node:crypto';
import type * as Zlib from 'node:zlib';

export const crypto = (): typeof Crypto => process.getBuiltinModule('node:crypto');
export const zlib = (): typeof Zlib => process.getBuiltinModule('node:zlib');
export const childProcess = (): typeof ChildProcess => process.getBuiltinModule('node:child_process');
