/** Package URLs as others wrote them: null where it is none. */
import { PackageURL } from 'packageurl-js';

export function purlIn(text: string | undefined): PackageURL | null {
  if (text === undefined) return null;
  try {
    return PackageURL.fromString(text);
  } catch {
    return null;
  }
}
