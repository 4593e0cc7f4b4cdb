/** What Network Access Analyzer found to reach a subnet: AWS works out routes, peerings and rules together, and says each path. */

import type { Statement, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordsIn } from '../answer.ts';
import { unobservedBy } from '../listing.ts';
import { timestamp, unobserved } from '../statement.ts';
import type { AwsAnswers, AwsItem } from './answers.ts';
import { textsIn } from './policy.ts';

const idIn = (value: unknown): string | null =>
  isRecord(value) && typeof value.Id === 'string' ? value.Id : null;

/** From where a connection can come: another interface, and every way into a network. A scope that leaves one out did not look. */
const SOURCES = [
  'AWS::EC2::NetworkInterface',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::VPCPeeringConnection',
  'AWS::EC2::TransitGatewayAttachment',
  'AWS::EC2::VPNGateway',
  'AWS::EC2::VPCEndpointService',
];
export const OLDEST_ANALYSIS_MS = 3 * 24 * 3_600_000;
const HOW =
  'make a Network Access Scope whose sources are all interfaces and gateways and whose destination is the subnet, and analyse it every day';

/** Whether a scope asks for every path to the subnet: from all sources, by any protocol, past anything, with nothing excluded. */
function asksForAll(content: Json, subnet: string): boolean {
  const { MatchPaths, ExcludePaths } = content;
  if (recordsIn(ExcludePaths).length > 0) return false;
  const asked = new Set(
    recordsIn(MatchPaths).flatMap((path) => {
      const { Source: source, Destination: destination, ThroughResources } = path;
      if (!isRecord(source) || !isRecord(destination) || recordsIn(ThroughResources).length > 0) return [];
      if (isRecord(source.PacketHeaderStatement) || isRecord(destination.PacketHeaderStatement)) return [];
      const to = isRecord(destination.ResourceStatement)
        ? textsIn(destination.ResourceStatement.Resources)
        : [];
      if (!to.some((one) => one === subnet || one.endsWith(`:subnet/${subnet}`))) return [];
      return isRecord(source.ResourceStatement) ? textsIn(source.ResourceStatement.ResourceTypes) : [];
    }),
  );
  return SOURCES.every((type) => asked.has(type));
}

/** Undefined where nobody analysed anything: there is nothing to say then. */
export function reachableFrom(
  { record: { SubnetId }, region }: AwsItem,
  subnets: readonly AwsItem[],
  answers: AwsAnswers,
  takenAt: string,
): Statement | undefined {
  const path = 'ec2/describe-network-insights-access-scope-analyses';
  if (!answers.has(path)) return undefined;
  const listed = answers.list(path, 'NetworkInsightsAccessScopeAnalyses');
  const gap = listed.gapOf(region);
  if (gap !== null) return unobservedBy(gap);
  const ended = listed.items
    .filter((one) => one.region === region && one.record.Status === 'succeeded')
    .filter(({ record }) => typeof record.EndDate === 'string' && timestamp(record.EndDate) !== null)
    .toSorted(
      (one, other) => Date.parse(String(other.record.EndDate)) - Date.parse(String(one.record.EndDate)),
    );
  for (const { record } of ended) {
    const scope = answers.about(
      'ec2/get-network-insights-access-scope-content',
      String(record.NetworkInsightsAccessScopeId),
    );
    if ('why' in scope) return unobservedBy(scope);
    const content = 'body' in scope ? scope.body.NetworkInsightsAccessScopeContent : null;
    if (!isRecord(content) || !asksForAll(content, String(SubnetId))) continue;
    if (Date.parse(takenAt) - Date.parse(String(record.EndDate)) > OLDEST_ANALYSIS_MS)
      return unobserved(
        `the newest analysis of what reaches it ended at ${String(record.EndDate)}; analyse it again`,
      );
    const id = String(record.NetworkInsightsAccessScopeAnalysisId);
    const found = answers.about('ec2/get-network-insights-access-scope-analysis-findings', id);
    if ('why' in found) return unobservedBy(found);
    const findings = 'body' in found ? found.body.AnalysisFindings : null;
    // An answer without the list would look like one that found nothing.
    if (!Array.isArray(findings)) return unobserved(`the findings of ${id} hold no list; save them again`);
    const ways = recordsIn(findings).map((finding) => wayOf(finding, subnets));
    const distinct = new Map(ways.map((way) => [way.id, way.value]));
    return { value: [...distinct.values()], complete: true, assurance: 'effective' };
  }
  return unobserved(`no analysis that ended well asks for every path to it; ${HOW}`);
}

const GATEWAY = /^(pcx|tgw|tgw-attach|igw|vgw|vpce-svc)-/;
const ENVIRONMENTS: ReadonlySet<string> = new Set([
  'production',
  'government',
  'productivity',
  'development',
  'test',
]);

/** A path begins at its first component: an interface in a subnet, or a gateway behind which AWS sees nothing. */
function wayOf(finding: Json, subnets: readonly AwsItem[]): { readonly id: string; readonly value: Value } {
  const parts = recordsIn(finding.FindingComponents).toSorted(
    (one, other) => Number(one.SequenceNumber) - Number(other.SequenceNumber),
  );
  const [first] = parts;
  const subnet = subnets.find(({ record }) => record.SubnetId === idIn(first?.Subnet))?.record;
  const component = idIn(first?.Component) ?? String(finding.FindingId);
  const id = subnet === undefined ? component : `${String(subnet.VpcId)} ${String(subnet.CidrBlock)}`;
  const named = recordsIn(subnet?.Tags).find(({ Key }) => String(Key).toLowerCase() === 'environment')?.Value;
  const environment = String(named).toLowerCase();
  const through = parts.flatMap((part) => idIn(part.Component) ?? []).find((one) => GATEWAY.test(one));
  return {
    id,
    value: {
      id,
      environment: ENVIRONMENTS.has(environment)
        ? environment
        : unobserved('what it begins in has no tag `environment`; add it'),
      through: through ?? component,
    },
  };
}
