/**
 * What decides in a service whether a token is valid, and remembers of each that it accepted by what its issuer knows it. `library` is
 * `await import('@macadam/token')`; put your issuer and the name of your service into it.
 */
export function validatorOf({ createValidator, publishedKeys }) {
  const issuer = 'https://login.example.com';
  return createValidator({
    issuer,
    audience: 'https://api.example.com/orders',
    algorithms: ['ES256'],
    keys: publishedKeys({ issuer, algorithms: ['ES256'] }),
    service: 'orders',
    lookUp: true,
  });
}

/** Lines for `macadam tokens watch`, beside those of the issuer's log; send them on every second. */
export const reportsOf = (validator) =>
  [validator.takeReport(), validator.takeAccepted()].map((report) => JSON.stringify(report));
