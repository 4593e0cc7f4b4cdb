/** For a test that kills it: makes a simulated company as `npm start` does, and says what it is doing. */
import { simulatedDecisions, simulatedSite } from '../../apps/server/simulated.ts';

const [places = '', time = ''] = process.argv.slice(2);
const { facts, decisions: place } = JSON.parse(places) as { facts: string; decisions: string };
const now = () => new Date(time);
const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
const decisions = await simulatedDecisions({ facts, decisions: place }, { now, say });
await simulatedSite(facts, 'tiny', { decisions, now, say }, ({ doing, done }) => say(`${doing} ${done}`));
