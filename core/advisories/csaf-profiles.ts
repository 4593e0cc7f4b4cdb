/** Mandatory tests of CSAF 2.0 that a document's category asks for: 6.1.26 and 6.1.27. */
import {
  type CsafFault,
  groupsOf,
  type Part,
  productsMeant,
  textsOf,
  vulnerabilitiesOf,
} from './csaf-parts.ts';

const INCIDENT = 'csaf_security_incident_response';
const INFORMATION = 'csaf_informational_advisory';
const ADVISORY = 'csaf_security_advisory';
const VEX = 'csaf_vex';
const PROFILES: readonly string[] = [INCIDENT, INFORMATION, ADVISORY, VEX];

const fault = (test: string, { path }: Part, reason: string): CsafFault => ({ test, path, reason });

export function profileFaults(document: Part): readonly CsafFault[] {
  const category = document.at('document', 'category');
  const profile = category.text ?? '';
  const faults = PROFILES.includes(profile) ? [] : categoryFaults(category);
  if (profile === INCIDENT || profile === INFORMATION) faults.push(...saying(document));
  if (profile === INFORMATION && document.at('vulnerabilities').value !== undefined)
    faults.push(
      fault('6.1.27.3', document.at('vulnerabilities'), 'an informational advisory has no vulnerabilities'),
    );
  if (profile === ADVISORY || profile === VEX) faults.push(...advising(document, profile));
  if (profile === VEX) faults.push(...exploitability(document));
  return faults;
}

const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/g, '');
const NAMES: ReadonlySet<string> = new Set(
  PROFILES.flatMap((profile) => [plain(profile), plain(profile.replace('csaf_', ''))]),
);

function categoryFaults(category: Part): CsafFault[] {
  const text = category.text;
  if (text === null || text === 'csaf_base') return [];
  if (text.toLowerCase().startsWith('csaf_'))
    return [fault('6.1.26', category, 'names that begin with `csaf_` are reserved')];
  return NAMES.has(plain(text))
    ? [fault('6.1.26', category, 'it reads like a profile and is none; write the exact name of the profile')]
    : [];
}

/** Of what only tells: what happened, and where more stands. */
function saying(document: Part): CsafFault[] {
  const faults: CsafFault[] = [];
  const has = (part: Part, wanted: readonly string[]) =>
    part.list.some((one) => wanted.includes(one.at('category').text ?? ''));
  const notes = document.at('document', 'notes');
  if (!has(notes, ['description', 'details', 'general', 'summary']))
    faults.push(fault('6.1.27.1', notes, 'no note describes, details, summarises or is general'));
  const references = document.at('document', 'references');
  if (!has(references, ['external']))
    faults.push(fault('6.1.27.2', references, 'no reference is an external one'));
  return faults;
}

function advising(document: Part, profile: string): CsafFault[] {
  const faults: CsafFault[] = [];
  const tree = document.at('product_tree');
  if (tree.value === undefined) faults.push(fault('6.1.27.4', tree, 'there is no product tree'));
  const vulnerabilities = document.at('vulnerabilities');
  if (vulnerabilities.value === undefined)
    faults.push(fault('6.1.27.11', vulnerabilities, 'there is no list of vulnerabilities'));
  for (const one of vulnerabilities.list) {
    if (one.at('notes').value === undefined)
      faults.push(fault('6.1.27.5', one.at('notes'), 'the vulnerability has no note'));
    if (profile === ADVISORY && one.at('product_status').value === undefined)
      faults.push(fault('6.1.27.6', one.at('product_status'), 'no product has a status'));
  }
  return faults;
}

const VEX_STATUSES = ['fixed', 'known_affected', 'known_not_affected', 'under_investigation'];

function exploitability(document: Part): CsafFault[] {
  const groups = groupsOf(document);
  return vulnerabilitiesOf(document).flatMap((one) => {
    const faults: CsafFault[] = [];
    const status = one.at('product_status');
    if (!VEX_STATUSES.some((name) => status.at(name).value !== undefined))
      faults.push(fault('6.1.27.7', status, `it has none of ${VEX_STATUSES.join(', ')}`));
    if (one.at('cve').value === undefined && one.at('ids').value === undefined)
      faults.push(fault('6.1.27.8', one, 'it has neither a CVE nor another id'));
    const impacts = one.at('threats').list.filter((threat) => threat.at('category').text === 'impact');
    const meant = (parts: readonly Part[]) => new Set(parts.flatMap((part) => productsMeant(part, groups)));
    const explained = meant([...one.at('flags').list, ...impacts]);
    const remedied = meant(one.at('remediations').list);
    for (const product of textsOf(status.at('known_not_affected')))
      if (!explained.has(product))
        faults.push(
          fault(
            '6.1.27.9',
            status.at('known_not_affected'),
            `nothing says why \`${product}\` is not affected`,
          ),
        );
    for (const product of textsOf(status.at('known_affected')))
      if (!remedied.has(product))
        faults.push(
          fault('6.1.27.10', status.at('known_affected'), `nothing says what to do about \`${product}\``),
        );
    return faults;
  });
}
