/** For a test that kills it: makes a small simulated company as `npm start` does its own, and says what it is doing. */
import { simulatedDecisions, simulatedSite } from '../../apps/server/simulated.ts';
import { smallCatalogue } from './small-catalogue.ts';

const [places = '', time = ''] = process.argv.slice(2);
const { facts, decisions: place } = JSON.parse(places) as { facts: string; decisions: string };
const now = () => new Date(time);
const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
const decisions = await simulatedDecisions({ facts, decisions: place }, { now, say });
const parts = { decisions, now, say, catalogue: smallCatalogue() };
await simulatedSite(facts, 'tiny', parts, ({ doing, done }) => say(`${doing} ${done}`));
