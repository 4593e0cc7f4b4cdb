/* Has the process that it is loaded into believe that it is so many days later: MACADAM_ATTACK_DAYS. */
const Real = Date;
const ahead = Number(process.env.MACADAM_ATTACK_DAYS) * 86_400_000;
const now = () => Real.now() + ahead;

global.Date = new Proxy(Real, {
  construct: (_, given) => (given.length === 0 ? new Real(now()) : new Real(...given)),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
