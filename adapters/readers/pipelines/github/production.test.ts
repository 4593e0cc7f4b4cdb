import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInvalid, parseYaml } from '../document.ts';
import { productionOf } from './production.ts';
import { actionOf, type Workflow, workflowOf } from './workflow.ts';

const fence = (inner: string) => `\u0024{{ ${inner} }}`;

function model(text: string, isAction = false): Workflow {
  const document = parseYaml(text);
  assert.ok(!isInvalid(document), text);
  const read = isAction ? actionOf(document, false) : workflowOf(document);
  assert.ok(!('message' in read));
  return read;
}

/** Why a job is open, as people are told. */
function suspected(job: string): string {
  const workflow = model(`on: push\njobs:\n${job.replaceAll(/^/gm, '  ')}\n`);
  return productionOf({ path: 'a.yml', workflow }, () => undefined)[0]?.what ?? '';
}

/** `yes`, `open` or `no` for a job of these lines. */
function judged(job: string, actions: Readonly<Record<string, string>> = {}): string {
  const workflow = model(`on: push\njobs:\n${job.replaceAll(/^/gm, '  ')}\n`);
  const files = (path: string) => {
    const text = actions[path];
    return text === undefined ? undefined : model(text, true);
  };
  const [found] = productionOf({ path: 'a.yml', workflow }, files);
  return found === undefined ? 'no' : found.certain === true ? 'yes' : 'open';
}

const job = (id: string, run: string, more = '') =>
  `${id}:\n  runs-on: ubuntu-latest\n${more}  steps:\n    - run: ${run}\n      env: { KEY: "${fence('secrets.KEY')}" }`;

test('commands that publish or deploy are known, and their rehearsals are none', () => {
  for (const command of [
    'npm stage publish --provenance',
    'bun publish',
    'deno run -A jsr:@david/publish-on-tag@0.1.4',
    'bunx trigger.dev@4 deploy',
    'bunx prisma migrate deploy',
    'aws s3 sync out s3://site',
    'podman push quay.io/a/b',
    'KO_DOCKER_REPO=x ko build ./cmd',
    'terraform -chdir=infra apply -auto-approve',
    'vercel deploy --prod',
    'npx -y netlify-cli@23.7.3 deploy --dir=dist --prod',
    'netlify deploy --dir=dist && npm publish',
    'gcloud run deploy web',
    './gradlew publish',
    'curl -X POST "https://www.googleapis.com/chromewebstore/v1.1/items/$ID/publish?publishTarget=default"',
    'curl -fsS -X PUT -T a.zip "https://www.googleapis.com/upload/chromewebstore/v1.1/items/$ID"',
  ])
    assert.equal(judged(job('a', command)), 'yes', command);
  for (const command of [
    'npm publish --dry-run',
    'npx pkg-pr-new publish',
    'twine upload --repository testpypi dist/*',
    'docker push localhost:5000/a',
    'ansible-playbook tools/ansible/smoke-test.yml -v',
    'ansible-playbook -i inventory site.yml --syntax-check',
    'ko build --push=false ./cmd',
    'trigger.dev deploy --env staging',
    'npx -y netlify-cli@23.7.3 deploy --dir=dist --alias preview',
    'vercel deploy --prebuilt',
  ])
    assert.equal(judged(job('deploy', command)), 'no', command);
  for (const command of ['aws s3 sync s3://cache in', 'terraform plan'])
    assert.equal(judged(job('deploy', command)), 'open', command);
});

const onCluster = (start: string, run: string) =>
  `deploy-app:\n  runs-on: x\n  env: { KEY: "${fence('secrets.KEY')}" }\n  steps:\n    - ${start}\n    - run: |\n        ${run}`;

test('what a job does to a cluster that it started itself is no production', () => {
  for (const start of [
    'uses: helm/kind-action@v1',
    'uses: medyagh/setup-minikube@v0.0.20',
    'run: kind create cluster --wait 60s',
    'run: minikube -p a start',
    'run: k3d cluster create test',
  ])
    for (const run of ['kubectl apply -f k8s/', 'helm upgrade --install a ./chart', 'skaffold run'])
      assert.equal(judged(onCluster(start, run)), 'no', `${start} ${run}`);
  const kind = 'uses: helm/kind-action@v1';
  assert.equal(judged(onCluster(kind, 'kind get kubeconfig > a; kubectl apply -f k8s/')), 'no');
  assert.equal(judged(onCluster(kind, 'kubectl config use-context kind-kind && kubectl apply -f a')), 'no');
  // A package leaves the machine from there as from anywhere, and another cluster is another one.
  for (const run of [
    'npm publish',
    'kubectl apply -f k8s/ && helm push a oci://ghcr.io/b',
    'aws eks update-kubeconfig --name live && kubectl apply -f k8s/',
    'echo "$KUBECONFIG_LIVE" > ~/.kube/config; kubectl apply -f k8s/',
    'kubectl config use-context live && kubectl apply -f k8s/',
  ])
    assert.equal(judged(onCluster(kind, run)), 'yes', run);
  assert.equal(judged(onCluster('uses: azure/login@v2', 'kubectl apply -f k8s/')), 'yes');
  assert.equal(judged(onCluster('run: "# kind create cluster"', 'kubectl apply -f k8s/')), 'yes');
});

test('a job that is called so and holds credentials is open; without them, or about something else, it is none', () => {
  assert.equal(judged(job('deploy', './go')), 'open');
  assert.equal(judged(job('build', 'make release')), 'open');
  assert.equal(judged(job('build', 'gh workflow run deploy-website.yml')), 'open');
  assert.equal(judged(job('build', 'make test')), 'no');
  assert.equal(judged(job('publish-test-results', './go')), 'no');
  assert.equal(judged(job('deploy', './go', '  environment: staging\n')), 'no');
  assert.equal(judged(job('deploy', './go', '  environment: production\n')), 'yes');
  assert.equal(judged('deploy:\n  runs-on: x\n  steps:\n    - run: ./go'), 'no');
  assert.equal(
    judged('deploy:\n  runs-on: x\n  permissions: { id-token: write }\n  steps:\n    - run: ./go'),
    'open',
  );
  assert.equal(
    judged('images:\n  runs-on: x\n  permissions: { packages: write }\n  steps:\n    - run: ./go'),
    'open',
  );
  assert.equal(judged(job('a', 'npm publish').replaceAll('KEY', 'NPM_TEST')), 'no');
});

test('a job that has nothing to show who it is publishes nothing that anybody keeps', () => {
  const pushes = (runner: string, rest: string) =>
    judged(`a:\n  runs-on: ${runner}\n${rest}  steps:\n    - run: docker push ttl.sh/a:1h\n`);
  const read = '  permissions: { contents: read }\n';
  assert.equal(pushes('ubuntu-latest', read), 'no');
  // A machine of one's own may know the registry, and who declares nothing may hold rights.
  assert.equal(pushes('self-hosted', read), 'yes');
  assert.equal(pushes('ubuntu-latest', ''), 'yes');
  assert.equal(pushes('ubuntu-latest', '  permissions: { packages: write }\n'), 'yes');
  assert.equal(pushes('ubuntu-latest', `${read}  env: { ALL: "${fence('toJSON(secrets)')}" }\n`), 'yes');
});

test('an open job says whose name suggests it: its own, that of a step, an action, a script or a target', () => {
  const held = ' and holds secret `key`';
  assert.equal(suspected(job('deploy', './go')), `is called \`deploy\`${held}`);
  assert.equal(suspected(job('build', 'make release')), `runs \`release\`${held}`);
  assert.equal(
    suspected(job('build', 'gh workflow run deploy-website.yml')),
    `runs \`deploy-website.yml\`${held}`,
  );
  assert.equal(suspected(job('build', './scripts/publish.sh')), `runs \`publish.sh\`${held}`);
  const step = job('build', './go').replace('- run', '- name: Publish it\n      run');
  assert.equal(suspected(step), `has a step \`Publish it\`${held}`);
  const action = job('build', './go').replace('- run: ./go', '- uses: acme/tools/publish_main@v1');
  assert.equal(suspected(action), `uses \`tools/publish_main\`${held}`);
});

test('a step of a local action counts for its caller, with the inputs and conditions of this call', () => {
  const action = `name: image
inputs: { push: { default: 'false' }, to: {} }
runs:
  using: composite
  steps:
    - if: ${fence("inputs.push == 'true'")}
      run: docker push a/b
      shell: bash
    - run: aws s3 cp out ${fence('inputs.to')}
      shell: bash
`;
  const call = (inputs: string) =>
    judged(`image:\n  runs-on: x\n  steps:\n    - uses: ./image\n      with: ${inputs}`, {
      'image/action.yml': action,
    });
  assert.equal(call('{ push: true }'), 'yes');
  assert.equal(call('{ push: false }'), 'no');
  assert.equal(call('{}'), 'no');
  assert.equal(call('{ to: s3://site }'), 'yes');
  assert.equal(call('{ to: ./here }'), 'no');
});
