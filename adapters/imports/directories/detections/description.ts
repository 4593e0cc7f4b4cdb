/** What rules, attacks and alerts tell together, and what they do not. */
import { from, type SourceDescription } from '../description.ts';

export const RULES = 'rules/*.yml';
export const ATTACKS = 'attacks.json';
export const ALERTS = 'alerts.json';

export const detectionsDescription: SourceDescription = {
  id: 'detections',
  title: 'Detections: rules, the attacks that were carried out, and the alerts that came',
  intro:
    'Joins three things that different teams keep: `macadam ingest --format detections DIR --subject CATALOGUE`. A rule is proved when an attack that it names was carried out and its alert came. A word in the rule that it was validated is read by nobody.',
  saving: [
    '`rules/`: the rules that run, in Sigma, as they are deployed; a file may hold several. Each names what sets it off: `simulation: [{type: atomic-red-team, technique: T1078.004, atomic_guid: …}]`, beside `id` and the tags `attack.t1078.004`.',
    '`attacks.json`: logs of execution in ATTiRe, one or a list of them, as Invoke-AtomicRedTeam writes with its ATTiRe logger. A procedure is the attack of a rule where its id is the `atomic_guid` of the rule.',
    '`alerts.json`: Detection Findings of OCSF (class 2004), a list or one a line, with the id of the rule as `finding_info.analytic.uid`. Export the alerts of the time of the attacks, also those that somebody closed.',
  ],
  endpoints: [
    {
      path: RULES,
      permission: 'reading the repository of rules',
      gives: 'which rules run, for which techniques',
    },
    {
      path: ATTACKS,
      permission: 'reading the log of attacks',
      gives: 'which attacks were carried out, and when',
    },
    { path: ALERTS, permission: 'reading alerts', gives: 'which rule raised an alert, and when' },
  ],
  kinds: {
    detection: {
      catalogue: from([RULES], '`--subject`'),
      detection_id: from([RULES], '`id`'),
      environment: 'a rule does not say whose events it reads',
      owners: 'an author is a person, and an owner a team: state it in the organisation (`org.yaml`)',
      enabled: from(
        [RULES],
        'false where `status` is `deprecated` or `unsupported`; the folder holds what runs',
      ),
      techniques: from([RULES], 'tags `attack.t…`'),
      proof: from(
        [RULES, ATTACKS, ALERTS],
        'the newest attack that the rule names, an hour old at least; it fired where an alert of the rule came within a day, and the latency is from the first step to that alert. Absent where no such attack was carried out',
      ),
      false_alarms: 'why an alert was closed is not read',
    },
  },
  limits: [
    'That an alert came after an attack is no proof that it came from it: another event may have set the rule off in the same day. Attack at a quiet hour.',
    'The clocks of attack and alert are taken as they are.',
  ],
};
