/** What inventories, records of vulnerabilities and builds say together of an image, and what of it stays unknown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KnownFile, known, NO_IMAGES } from './known.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const file = (name: string, json: unknown): KnownFile => ({ name, text: JSON.stringify(json) });

const PURL = 'pkg:npm/%40scope/left@1.2.0';
const cyclonedx = (purls: readonly (string | undefined)[], of: string) =>
  file('c.json', {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { type: 'container', name: 'shop', version: of } },
    components: [
      ...purls.map((purl) => ({ type: 'library', name: 'x', purl })),
      { type: 'file', name: '/etc/passwd' },
      { type: 'operating-system', name: 'debian' },
    ],
  });
const spdx2 = (purl: string, of: string) =>
  file('s.json', {
    spdxVersion: 'SPDX-2.3',
    packages: [
      {
        SPDXID: 'SPDXRef-image',
        name: 'shop',
        checksums: [{ algorithm: 'SHA256', checksumValue: of.slice(7) }],
      },
      {
        SPDXID: 'SPDXRef-left',
        name: 'left',
        externalRefs: [{ referenceType: 'purl', referenceLocator: purl }],
      },
    ],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-image',
      },
    ],
  });
const spdx3 = (purl: string, of: string) =>
  file('t.json', {
    '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
    '@graph': [
      { type: 'SpdxDocument', spdxId: 'urn:d', rootElement: ['urn:b'] },
      { type: 'software_Sbom', spdxId: 'urn:b', rootElement: ['urn:i'] },
      {
        type: 'software_Package',
        spdxId: 'urn:i',
        name: 'shop',
        software_packageUrl: `pkg:oci/shop@${of.replace(':', '%3A')}?repository_url=registry.example.com`,
      },
      { type: 'software_Package', spdxId: 'urn:l', name: 'left', software_packageUrl: purl },
    ],
  });
const record = (more: object, affected: object = {}) =>
  file('o.json', {
    id: 'GHSA-aaaa-bbbb-cccc',
    aliases: ['CVE-2026-0001'],
    modified: '2026-05-01T00:00:00Z',
    published: '2026-04-01T00:00:00Z',
    database_specific: { severity: 'MODERATE' },
    affected: [
      {
        package: { ecosystem: 'npm', name: '@scope/left' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.3' }] }],
        ...affected,
      },
    ],
    ...more,
  });

test('each form of inventory gives the same of the same image', () => {
  for (const inventory of [
    cyclonedx([PURL], digest('a')),
    spdx2(PURL, digest('a')),
    spdx3(PURL, digest('a')),
  ]) {
    const images = known([inventory, record({})]);
    assert.deepEqual(images.unused, [], inventory.name);
    const { packages, vulnerabilities } = images.of(digest('a'));
    assert.deepEqual(packages, { value: 1 }, inventory.name);
    assert.deepEqual(vulnerabilities, {
      value: [
        {
          key: `CVE-2026-0001 ${PURL}`,
          id: 'CVE-2026-0001',
          package: PURL,
          fixed_in: '1.2.3',
          severity: 'medium',
          published_at: '2026-04-01T00:00:00Z',
          reachable: {
            unobserved: 'unobserved',
            why: 'an inventory lists what is there, and not what is called',
          },
        },
      ],
      complete: true,
    });
    assert.deepEqual(images.of(digest('b')).packages, { absent: true }, 'another image');
  }
});

const found = (files: readonly KnownFile[]) => {
  const { vulnerabilities } = known(files).of(digest('a'));
  assert.ok(
    'value' in vulnerabilities && Array.isArray(vulnerabilities.value),
    JSON.stringify(vulnerabilities),
  );
  const { value, complete, why } = vulnerabilities as { value: unknown[]; complete: boolean; why?: string };
  return { count: value.length, complete, why };
};

test('a record is about a version by its range or its list, and what nobody can put in order leaves the list open', () => {
  const of = (purl: string, one: KnownFile) => found([cyclonedx([purl], digest('a')), one]);
  assert.equal(of('pkg:npm/%40scope/left@1.2.3', record({})).count, 0);
  assert.equal(of('pkg:npm/%40scope/left@1.2.3-rc.1', record({})).count, 1, 'what comes before the fix');
  assert.equal(of('pkg:npm/left@1.2.0', record({})).count, 0, 'another package');
  assert.match(
    JSON.stringify(
      known([cyclonedx([PURL], digest('a')), record({ withdrawn: '2026-06-01T00:00:00Z' })]).of(digest('a')),
    ),
    /no record of a vulnerability is in the folder/,
    'a record that was withdrawn is none',
  );
  const listed = { ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }] };
  const python = (versions: readonly string[]) =>
    record({}, { ...listed, package: { ecosystem: 'PyPI', name: 'Left_Pad' }, versions });
  assert.deepEqual(of('pkg:pypi/left-pad@1.0', python(['1.0'])), {
    count: 1,
    complete: true,
    why: undefined,
  });
  assert.equal(of('pkg:pypi/left-pad@2.0', python(['1.0'])).count, 0);
  assert.match(of('pkg:pypi/left-pad@2.0', python([])).why ?? '', /whether GHSA-.* is about left-pad 2\.0/);
  const debian = record(
    {},
    { ...listed, package: { ecosystem: 'Debian:12', name: 'openssl' }, versions: ['3.0.1-1'] },
  );
  assert.equal(
    of('pkg:deb/debian/libssl3@3.0.1-1?upstream=openssl', debian).count,
    1,
    'by what was packaged',
  );
});

test('a part that could not be looked up leaves the list open', () => {
  assert.match(
    found([cyclonedx([PURL, 'pkg:cargo/other@1.0.0'], digest('a')), record({})]).why ?? '',
    /no records for `cargo`/,
  );
  assert.match(
    found([cyclonedx([PURL, undefined], digest('a')), record({})]).why ?? '',
    /1 parts have no package URL/,
  );
});

test('builds are those that were shown; where nobody asked, nothing is known', () => {
  const build = (id: string, provenance: object) =>
    JSON.stringify({
      kind: 'build',
      id,
      attributes: { image_digests: { value: [digest('a')] }, provenance },
    });
  const of = (...lines: readonly string[]) =>
    known([{ name: 'b.ndjson', text: `{"collection":{}}\n${lines.join('\n')}\n` }]).of(digest('a')).builds;
  assert.deepEqual(of(build('build/x/1', { value: { verified: true } })), {
    value: ['build/x/1'],
    complete: true,
    assurance: 'effective',
  });
  assert.deepEqual(of(build('build/artefact/a', { absent: true })), {
    value: [],
    complete: true,
    assurance: 'effective',
  });
  for (const silent of [of(), of(build('build/x/1', { unobserved: 'unobserved', why: 'w' }))])
    assert.match(JSON.stringify(silent), /nobody has asked for its provenance/);
});

test('a file that could not be used may be about any image, so nothing is said to be none beside it', () => {
  const stray = { name: 'z.json', text: '{' };
  const built = {
    name: 'b.ndjson',
    text: JSON.stringify({
      kind: 'build',
      id: 'build/x/1',
      attributes: { image_digests: { value: [digest('a')] }, provenance: { absent: true } },
    }),
  };
  const images = known([cyclonedx([PURL], digest('a')), record({}), built, stray]);
  const { packages, vulnerabilities, builds } = images.of(digest('a'));
  assert.deepEqual(packages, { value: 1 });
  for (const list of [vulnerabilities, builds])
    assert.deepEqual('complete' in list && [list.complete, list.why], [
      false,
      '1 of its files could not be used, and each may be about this image; z.json is the first',
    ]);
  assert.match(JSON.stringify(images.of(digest('b')).packages), /unobserved.*z\.json is the first/);
});

test('what is none is named, and an inventory that names no digest is about no image', () => {
  const { unused } = known([
    { name: 'a.json', text: '{' },
    file('b.json', { hello: 1 }),
    cyclonedx([PURL], 'latest'),
    { name: 'd.ndjson', text: 'x' },
  ]);
  assert.deepEqual(
    unused.map(({ file: name, why }) => `${name} ${why}`.slice(0, 46)),
    [
      'a.json is not JSON; write it again, whole',
      'b.json is no inventory (CycloneDX, SPDX), and ',
      'c.json does not say by its digest which image ',
      'd.ndjson line 1 is not JSON; write it again, w',
    ],
  );
  const deep = `{"bomFormat":"CycloneDX","components":${'[{"components":'.repeat(50_000)}[]${'}]'.repeat(50_000)}}`;
  assert.match(known([{ name: 'e.json', text: deep }]).unused[0]?.why ?? '', /^(?:cannot be read|is no)/);
  assert.match(JSON.stringify(NO_IMAGES.of(digest('a'))), /no inventory of an image is in the folder/);
});
