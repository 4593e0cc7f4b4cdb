/** OpenSSF Scorecard, the nearest peer that judges a repository on disk. */
import { builtPeer, type Peer } from './built-peer.ts';

/** Those of its checks that need the files alone; the others ask the network. */
export const LOCAL_CHECKS: string =
  'Binary-Artifacts,Dangerous-Workflow,Dependency-Update-Tool,License,Pinned-Dependencies,Security-Policy,Token-Permissions';

export function findScorecard(): Peer {
  return builtPeer('scorecard', 'github.com/ossf/scorecard/v5', 'v5.3.0');
}
