/**
 * What sensors saw on hosts: each file with its owner and mode is one asset, and what a file says, which they hand on in
 * base64, is read. A file that is named and of which nothing was read is unobserved.
 */
import { parse } from 'yaml';
import { unobserved } from '../../judge.ts';
import { commandLine } from './command.ts';
import { below, entry, type Fields, isFields, type KubernetesObject, textOf } from './object.ts';

/** `role`: where the sensor has it, such as `APIServerInfo.specsFile`. */
export function filesOf({ kind, fields }: KubernetesObject): readonly Fields[] {
  return found(fields.data, '').map(({ role, file }) => ({ ...file, kind: 'File', sensor: kind, role }));
}

function found(value: unknown, role: string): readonly { role: string; file: Fields }[] {
  if (Array.isArray(value)) return value.flatMap((each) => found(each, role));
  if (!isFields(value)) return [];
  if ('permissions' in value || 'ownership' in value) return [{ role, file: value }];
  return Object.entries(value).flatMap(([key, each]) => found(each, role === '' ? key : `${role}.${key}`));
}

/** The facts of a sensor's object: `flags` of the process that it saw, `config` what its file of configuration says. */
export function hostOf({ kind, fields }: KubernetesObject): Fields {
  const { data } = fields;
  if (kind === 'ControlPlaneInfo') {
    const server = below(data, 'APIServerInfo');
    return {
      flags: commandLine(textOf(below(server, 'cmdLine')) ?? '').flags,
      ...entry('audit', contentOf(below(server, 'auditPolicyFile'))),
      ...entry('encryption', contentOf(below(server, 'encryptionProviderConfigFile'))),
    };
  }
  const line = textOf(below(data, 'cmdLine'));
  if (line === undefined) return {};
  return { flags: commandLine(line).flags, ...entry('config', contentOf(below(data, 'configFile'))) };
}

function contentOf(file: unknown): unknown {
  if (!isFields(file)) return undefined;
  const content = textOf(file.content);
  if (content === undefined || content === '')
    return unobserved('failed', 'the sensor did not read the file; see its log');
  return documentOf(Buffer.from(content, 'base64').toString('utf8'));
}

/** A configuration that stands in a text: the file of kube-proxy in its config map. */
export function documentOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return unobserved('failed', 'the file is not YAML; fix it on the host');
  }
}
