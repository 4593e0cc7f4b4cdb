/** The way into one account of AWS: by a key, by what the machine proves, or through a role there. */
import type { Problem } from '@macadam/core/facts/observation';
import { isRecord } from '../../imports/directories/answer.ts';
import { type AwsAnswer, errorIn } from '../../imports/directories/aws/answers.ts';
import { type AccessKey, variablesFor } from './credential.ts';
import { AwsSession, type LoadModule } from './sdk.ts';

export interface AccountRequest {
  readonly load: LoadModule;
  readonly account: string;
  /** Null: what the machine itself proves. Undefined: there is none. */
  readonly key: AccessKey | null | undefined;
  /** A role to take on in the account first. */
  readonly role: string | undefined;
  readonly home: string;
  readonly url: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface OpenAccount {
  readonly session: AwsSession;
  /** Whose key it is, as AWS says. */
  readonly identity: AwsAnswer;
  readonly close: () => void;
}

/** Whoever gets one closes it. */
export async function openAccount(request: AccountRequest): Promise<OpenAccount | Problem> {
  const { load, account, key, role, home, url, signal } = request;
  if (key === undefined) return credentialMissing(account);
  const first = new AwsSession({ load, key, url, home, signal });
  const taken = role === undefined ? null : await assumed(first, account, { role, home });
  if (taken !== null && 'code' in taken) {
    first.close();
    return taken;
  }
  const session = taken === null ? first : new AwsSession({ load, key: taken, url, home, signal });
  const close = () => {
    session.close();
    first.close();
  };
  const identity = await session.ask('sts/get-caller-identity').catch((error: unknown) => {
    close();
    throw error;
  });
  const refused = errorIn(identity.body);
  if (refused === null) return { session, identity, close };
  close();
  return credentialRefused(account, `${refused.code}: ${refused.message}`);
}

export const sdkMissing = (packages: readonly string[]): Problem => ({
  code: 'sdk-missing',
  cause: 'failed',
  message: `the SDK of AWS is not installed with Macadam, and ${packages.length} of its packages are not there`,
  remedy: `run npm install ${packages.join(' ')} where Macadam is installed`,
});

function credentialMissing(account: string): Problem {
  const { id, secret } = variablesFor(account);
  return {
    code: 'credential-missing',
    cause: 'forbidden',
    message: `there is no key for the account ${account}, so nothing of it was read`,
    remedy: `set ${id} and ${secret}, or let the machine prove itself with --aws-identity machine`,
  };
}

const credentialRefused = (account: string, said: string): Problem => ({
  code: 'credential-refused',
  cause: /^(TimeoutError|ECONN|ENOTFOUND|EAI_AGAIN|NetworkingError|Error:)/.test(said)
    ? 'failed'
    : 'forbidden',
  message: `AWS does not let us in as ${account}: ${said}`,
  remedy: 'look at the key, and whether AWS answers from here',
});

export const anotherAccount = (account: string, { body }: AwsAnswer): Problem => ({
  code: 'account-other',
  cause: 'forbidden',
  message: `the key is of the account ${String(body.Account)}, not of ${account}, so nothing was taken`,
  remedy: `give a key of ${account}, or a role there with --aws-role`,
});

/** As ARNs name it. */
const cloudOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** The key of a role for an hour. */
async function assumed(
  session: AwsSession,
  account: string,
  { role, home }: { readonly role: string; readonly home: string },
): Promise<AccessKey | Problem> {
  const answer = await session.send('sts', 'AssumeRoleCommand', {
    RoleArn: role.startsWith('arn:') ? role : `arn:${cloudOf(home)}:iam::${account}:role/${role}`,
    RoleSessionName: 'macadam',
  });
  const given = isRecord(answer.Credentials) ? answer.Credentials : {};
  const { AccessKeyId, SecretAccessKey, SessionToken } = given;
  if (
    typeof AccessKeyId === 'string' &&
    typeof SecretAccessKey === 'string' &&
    typeof SessionToken === 'string'
  )
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const error = errorIn(answer);
  return {
    code: 'role-refused',
    cause: 'forbidden',
    message: `the role ${role} of ${account} could not be taken on: ${error === null ? 'AWS gave no key' : `${error.code}: ${error.message}`}`,
    remedy: `let its trust policy name who asks, and grant sts:AssumeRole there`,
  };
}
