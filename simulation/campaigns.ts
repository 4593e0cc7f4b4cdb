/** What the company that is made up wants to reach in waves. */
import { type Campaign, campaignSchema } from '@macadam/core/figures/campaign';

/** Campaign → its statement, as macadam.yaml would have it; `begins`: the first day of the company's newest week. */
export function simulatedCampaigns(begins: Date): Readonly<Record<string, Campaign>> {
  const after = (days: number) => new Date(begins.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  return {
    'end-of-standing-access': campaignSchema.parse({
      title: 'Nobody holds standing access',
      standards: [
        'privileged-access-is-just-in-time',
        'production-access-from-compliant-devices',
        'phishing-resistant-credentials',
        'services-use-managed-credentials',
      ],
      target: { share: 0.95, by: after(180) },
    }),
    'build-chain': campaignSchema.parse({
      title: 'Every build can be traced',
      standards: [
        'builds-from-governed-templates',
        'dependencies-locked',
        'pipeline-uses-pinned',
        'secrets-not-in-code',
      ],
      target: { share: 0.9, by: after(270) },
    }),
  };
}
