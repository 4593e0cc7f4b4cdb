/** Names of resource types, operations and keys as words, so that `kms-key`, `ListKeys` and `KeyArn` can be compared. */

/** What a resource type of Cloud Custodian lists, where its name does not say so. */
const NOUNS: Readonly<Record<string, string>> = {
  ami: 'image',
  'app-elb': 'load balancer',
  'app-elb-target-group': 'target group',
  asg: 'auto scaling group',
  'cache-cluster': 'cache cluster',
  'cache-snapshot': 'snapshot',
  cfn: 'stack',
  cloudsearch: 'domain',
  cloudtrail: 'trail',
  codecommit: 'repository',
  codebuild: 'project',
  codepipeline: 'pipeline',
  datapipeline: 'pipeline',
  dax: 'cluster',
  directconnect: 'connection',
  distribution: 'distribution',
  'dlm-policy': 'lifecycle policy',
  ebs: 'volume',
  'ebs-snapshot': 'snapshot',
  ec2: 'instance',
  ecr: 'repository',
  ecs: 'cluster',
  efs: 'file system',
  eks: 'cluster',
  'elastic-ip': 'address',
  'network-addr': 'address',
  elasticsearch: 'domain',
  opensearch: 'domain',
  elb: 'load balancer',
  emr: 'cluster',
  eni: 'network interface',
  firehose: 'delivery stream',
  fsx: 'file system',
  gamelift: 'fleet',
  glacier: 'vault',
  hostedzone: 'hosted zone',
  kafka: 'cluster',
  kinesis: 'stream',
  'kinesis-analytics': 'application',
  lambda: 'function',
  'launch-config': 'launch configuration',
  mq: 'broker',
  'message-broker': 'broker',
  'mirror-session': 'traffic mirror session',
  'mirror-target': 'traffic mirror target',
  'nat-gateway': 'nat gateway',
  'peering-connection': 'vpc peering connection',
  rds: 'instance',
  r53domain: 'domain',
  redshift: 'cluster',
  rrset: 'resource record set',
  s3: 'bucket',
  'snowball-cluster': 'cluster',
  sns: 'topic',
  sqs: 'queue',
  'step-machine': 'state machine',
  waf: 'web acl',
  'waf-regional': 'web acl',
  wafv2: 'web acl',
  workspaces: 'workspace',
};

export function wordsOf(name: string): string[] {
  const parts = name.match(/[A-Z]+(?![a-z])s?|[A-Z]?[a-z]+|\d+/g) ?? [];
  return parts.map((part) => part.toLowerCase());
}

/** One form for singular and plural: `policies` and `policy`, `aliases` and `alias`, `databases` and `database`. */
export function stem(word: string): string {
  const singular = word.replace(/ies$/, 'y').replace(/([^s]s|ss|x|ch|sh)es$/, '$1');
  const plain = /(ss|us|is|as)$/.test(singular) ? singular : singular.replace(/s$/, '');
  return plain.replace(/e$/, '');
}

export const stemsOf = (name: string): string[] => wordsOf(name).map(stem);

/** `config` and `configuration` are one word. */
export function alike(a: string, b: string): boolean {
  return a === b || (a.length >= 4 && b.startsWith(a)) || (b.length >= 4 && a.startsWith(b));
}

/** The words of what a type lists. A type's name begins with its service: `kms-key` is a key. */
export function nounOf(type: string, services: readonly string[]): string[] {
  const name = type.replace(/^aws\./, '');
  const known = NOUNS[name];
  if (known !== undefined) return known.split(' ').map(stem);
  const words = name.split('-');
  for (let length = words.length - 1; length > 0; length--) {
    const start = words.slice(0, length).join('');
    if (services.some((service) => alike(stem(service), stem(start)))) return words.slice(length).map(stem);
  }
  return words.map(stem);
}

/** How well words say what is wanted: first by those that they share, then by those that are beside the point. */
export function closeness(words: readonly string[], wanted: readonly string[]): readonly [number, number] {
  const shared = wanted.filter((want) => words.some((word) => alike(word, want))).length;
  const beside = words.filter((word) => !wanted.some((want) => alike(word, want))).length;
  return [shared, -beside];
}

export function closer(a: readonly [number, number], b: readonly [number, number]): number {
  return b[0] - a[0] || b[1] - a[1];
}
