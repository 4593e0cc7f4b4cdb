/** What deploy events and the cases of a tracker tell together: since when nobody is at risk any more. */
import { from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const CASES = 'cases.csv';
export const RECORDS = 'cve';
export const ADVISORIES = 'csaf';
export const EVENTS = 'events.json';

export const deploymentsDescription: SourceDescription = {
  id: 'deployments',
  title: 'Deployments: cases of a tracker, mitigated as deployed',
  intro:
    'Joins cases of vulnerabilities with CDEvents of deployments: `macadam ingest --format deployments DIR`. A case is mitigated when what fixes it was seen to be deployed in each place that it names. A date that somebody typed is shown beside (`mitigation_stated_at`) and ends no clock.',
  saving: [
    'Three files in a folder. `cases.csv`: a row for each case and place (a service in an environment). `events.json`: CDEvents of services, as one list or one a line; others are left out. `mapping.json` says what the columns mean: `{"tracker": "Desk", "cases": {"id": "Case", "team": "Team", "reported_at": "Reported", "severity": {"column": "Severity", "critical": ["P1"], "high": ["P2"], "medium": ["P3"], "low": ["P4"]}, "state": {"column": "Status", "triage": ["New"], "open": ["Open"], "mitigated": ["Done"], "rejected": ["Invalid"]}, "service": "Service", "environment": "Environment", "fixed_by": "Fixed by", "mitigated_at": "Done on", "miss_reason": "Why late", "cve": "CVE"}}`.',
    '`fixed_by` names the artifacts that have the fix, as digests or purls, with spaces between; they are compared with `artifactId` of the events by digest, and where there is none as they are written. `service` is the `id` of the subject of the events, and `environment` the `id` of its environment.',
    '`cve/` and `csaf/` may stand beside: the record of each CVE that a case names under `cve`, as the list of CVEs gives it out, and the advisories in CSAF that the company published.',
    'Record the deployments since before the oldest open case. One event that cannot be read makes the mitigation of every case unknown, since it may be the one that took a fix back.',
  ],
  endpoints: [
    { path: CASES, permission: 'the export itself', gives: 'cases, with their places and what fixes them' },
    {
      path: EVENTS,
      permission: 'reading the log of deployments',
      gives:
        'what ran where since when: `dev.cdevents.service.deployed`, `upgraded`, `published`, `rolledback`, `removed`',
    },
    {
      path: `${RECORDS}/ID.json`,
      permission: 'public, as the list of CVEs gives it out',
      gives: 'root cause, products and the day of publication',
    },
    {
      path: `${ADVISORIES}/NAME.json`,
      permission: 'public, as the company publishes it',
      gives: 'which CVEs an advisory in CSAF is about',
    },
    { path: MAPPING, permission: 'written by the company', gives: 'what the columns mean' },
  ],
  kinds: {
    'vulnerability-case': {
      tracker: from([MAPPING], '`tracker`'),
      case_id: from([CASES], 'the column of cases'),
      environment: 'a case may concern several; its places are named by the environments of the events',
      owners: from([CASES], 'the column of teams'),
      severity: from([CASES, MAPPING], 'the values that the mapping names'),
      state: from([CASES, MAPPING], 'the values that the mapping names'),
      in_cloud: 'neither file says who mitigates it for whom',
      customer_action: 'neither file says what customers have to do',
      reported_at: from([CASES], 'the column; a day begins at its beginning in UTC'),
      mitigated_at: from(
        [CASES, EVENTS],
        'when the last of its places began to run a fix, or nothing; absent while one runs what has none; unknown where no event is about a place',
      ),
      mitigation_stated_at: from([CASES], 'the column of dates that people typed; it is shown only'),
      miss_reason: from([CASES], 'the column; absent where the cell is empty'),
      publication: from(
        [CASES, `${RECORDS}/ID.json`, `${ADVISORIES}/NAME.json`],
        'the record of the CVE that the case names, with its root cause and products, and whether a finished advisory that holds the mandatory tests of CSAF names it too; absent where the case names none, or its record is not published',
      ),
    },
  },
  limits: [
    'What is deployed after a fix is taken to have it too, unless the event says that it was rolled back, or it ran there before the fix.',
    'An event says what a deployment system did. Whether the artifact has the fix is the word of the case.',
  ],
};
