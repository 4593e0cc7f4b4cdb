/** An estate whose company has standards of its own, as somebody who may write them would. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './server.ts';

/** The folder of a server (`StartOptions.folder`); of each standard its id and its check, over repositories. */
export function folderWithStandards(checks: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  const estate = join(folder, 'estate');
  writeFileSync(join(estate, 'macadam.yaml'), 'catalogue: [own]\n');
  for (const [id, check] of Object.entries(checks)) {
    const place = join(estate, 'own/standards/engineering', id);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'standard.yaml'), standardText(id, check));
    writeFileSync(join(place, 'README.md'), `# ${id}\n`);
  }
  return folder;
}

const standardText = (id: string, check: string): string => `id: ${id}
pillar: engineering
title: Repositories hold ${id}
label: ${id}
statement: Every repository holds to ${id}.
why: It stands here to be judged.
origin: { report: none, lesson: It was written by somebody with an afternoon. }
scope: { kind: repository }
check: >-
  ${check}
reasons:
  - { id: not, when: "true", say: it does not }
severity: low
measure: { kind: share }
rollout: { state: observe, on_unknown: allow }
toil: { owner_minutes: 0 }
`;
