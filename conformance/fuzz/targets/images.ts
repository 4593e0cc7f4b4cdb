/** Any text as an inventory, a record of a vulnerability or lines about builds: an answer or a reason, and never a throw. */
import { known } from '@macadam/adapters/imports/images/known';
import type { Target } from '../target.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const cyclonedx = {
  bomFormat: 'CycloneDX',
  metadata: { component: { type: 'container', name: 'shop', version: DIGEST } },
  components: [{ type: 'library', name: 'left', purl: 'pkg:npm/%40scope/left@1.2.0' }],
};
const spdx2 = {
  spdxVersion: 'SPDX-2.3',
  documentDescribes: ['i'],
  packages: [
    { SPDXID: 'i', name: DIGEST },
    {
      SPDXID: 'l',
      name: 'left',
      externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:npm/left@1.2.0' }],
    },
  ],
};
const spdx3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { type: 'software_Sbom', spdxId: 'b', rootElement: ['i'] },
    { type: 'software_Package', spdxId: 'i', name: DIGEST },
    { type: 'software_Package', spdxId: 'l', name: 'left', software_packageUrl: 'pkg:npm/left@1.2.0-rc.1' },
  ],
};
const record = {
  id: 'CVE-2026-0001',
  modified: '2026-05-01T00:00:00Z',
  published: '2026-04-01T00:00:00Z',
  affected: [
    {
      package: { ecosystem: 'npm', name: 'left' },
      versions: ['1.2.0'],
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.3' }] }],
    },
  ],
};
const build = {
  kind: 'build',
  id: 'build/x/1',
  attributes: { image_digests: { value: [DIGEST] }, provenance: { value: { verified: true } } },
};
const beside = [cyclonedx, spdx2, spdx3, record].map((json, at) => ({
  name: `${at}.json`,
  text: JSON.stringify(json),
}));

export const target: Target = {
  seeds: () => [...beside.map(({ text }) => text), `{"collection":{}}\n${JSON.stringify(build)}\n`],
  words: [
    '"purl":',
    '"introduced":',
    '"fixed":',
    '"last_affected":',
    '999999999999999999999',
    'pkg:',
    '"__proto__":',
    'null',
  ],
  fuzz: (text) => {
    for (const name of ['fuzz.json', 'fuzz.ndjson']) {
      const images = known([...beside, { name, text }]);
      const { packages } = images.of(DIGEST);
      if (!('value' in packages) || Number(packages.value) < 3)
        throw new Error('another file took away what inventories say');
      if (images.unused.some(({ file, why }) => file !== name || why === ''))
        throw new Error(`what was whole is not used: ${JSON.stringify(images.unused)}`);
    }
  },
};
