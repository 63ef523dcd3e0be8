// An independent authority, npm's oidc-provider, in the place of Microsoft's sign-in.
//
//     node authority.mjs LOCAL_BINARY TEMPLATE
//
// It rotates refresh tokens, and ends a grant whose old refresh token is used again:
// stricter than Microsoft. Fifty tool calls at once that meet an ended access token
// must make one refresh, and the grant must survive. Graph is the simulated one, behind
// a front that lets only this authority's access tokens in.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Provider from 'oidc-provider';

const ACCOUNT = 'demo@lakeside.example';
const CLIENT = { client_id: 'local-client', client_secret: 'local-client-secret' };
const TENANT = randomUUID();
const USER = 'judge';
const CALLS = 50;
const SCOPES = ['User.Read', 'Calendars.ReadWrite', 'MailboxSettings.Read', 'Mail.Send'];

/** Seconds that the next access token lasts. */
let lifetime = 1;
const seen = { refreshes: 0, revoked: 0, errors: [] };

function authority(origin, callback) {
  const provider = new Provider(`${origin}/${TENANT}/v2.0`, {
    clients: [
      {
        ...CLIENT,
        redirect_uris: [callback],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    routes: {
      authorization: '/organizations/oauth2/v2.0/authorize',
      token: '/organizations/oauth2/v2.0/token',
    },
    scopes: ['openid', 'offline_access', ...SCOPES],
    claims: { openid: ['sub', 'tid', 'oid'], profile: ['name', 'preferred_username'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({
        sub: id, tid: TENANT, oid: id, name: 'Judge', preferred_username: ACCOUNT, email: ACCOUNT,
      }),
    }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: () => lifetime, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600, IdToken: 600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: [randomUUID()] },
  });
  provider.on('grant.success', (ctx) => {
    if (ctx.oidc.params.grant_type === 'refresh_token') seen.refreshes += 1;
  });
  provider.on('grant.error', (_ctx, error) => seen.errors.push(`${error.error}: ${error.error_description}`));
  provider.on('grant.revoked', () => { seen.revoked += 1; });
  return provider;
}

/** Signs the one person in, and has them agree to everything. */
async function interact(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: randomUUID() } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

/** Serves Graph to whoever has an access token of this authority that lasts. */
async function front(provider, microsoft, graphToken, request, response) {
  const token = await provider.AccessToken.find((request.headers.authorization ?? '').slice('Bearer '.length));
  if (!token) {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":{"code":"InvalidAuthenticationToken","message":"refused"}}');
    return;
  }
  const headers = { prefer: request.headers.prefer ?? '', authorization: `Bearer ${graphToken}` };
  const answer = await fetch(microsoft + request.url, { method: request.method, headers });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** The local system, with this authority in its template, and time for fifty calls at once
 * on a small machine. */
async function localSystem(binary, template, origin) {
  const folder = await mkdtemp(join(tmpdir(), 'judge-'));
  const path = join(folder, 'template.yaml');
  const text = (await readFile(template, 'utf8'))
    .replaceAll('MICROSOFT_AUTHORITY: !Ref MicrosoftAuthority', `MICROSOFT_AUTHORITY: ${origin}/organizations`)
    .replaceAll('GRAPH_BASE_URL: !Ref GraphBaseUrl', `GRAPH_BASE_URL: ${origin}`)
    .replace('    Default: 4000\n', '    Default: 60000\n');
  await writeFile(path, text);
  const child = spawn(binary, ['serve', '--port', '0', '--empty', '--template', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const system = { child, folder };
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Microsoft: sign-in')) system.microsoft = /http:\/\/[\d.:]+/.exec(line)[0];
    if (line.startsWith('ready ')) {
      system.gateway = line.slice('ready '.length).trim();
      return system;
    }
  }
  throw new Error('the local system did not start');
}

/** A token for the simulated Graph, by its own sign-in. */
async function tokenForGraph({ microsoft, gateway }) {
  const verifier = randomUUID() + randomUUID();
  const redirect_uri = `${gateway}/calendar/auth/callback`;
  const scope = ['openid', ...SCOPES].join(' ');
  const query = new URLSearchParams({
    client_id: CLIENT.client_id, response_type: 'code', redirect_uri, scope, state: 's', nonce: 'n',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const base = `${microsoft}/organizations/oauth2/v2.0`;
  const form = (fields) => ({ method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) });
  const back = await fetch(`${base}/authorize?${query}`, form({ account: ACCOUNT }));
  const code = new URL(back.headers.get('location')).searchParams.get('code');
  const grant = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier, scope };
  const answer = await fetch(`${base}/token`, form({ ...CLIENT, ...grant }));
  return (await answer.json()).access_token;
}

/** Follows redirects as a browser does, with cookies by origin, to the last page. */
async function browse(start) {
  const jars = new Map();
  let url = start;
  for (let hop = 0; hop < 12; hop += 1) {
    const jar = jars.get(new URL(url).origin) ?? new Map();
    jars.set(new URL(url).origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const set of page.headers.getSetCookie()) {
      const [name, ...value] = set.split(';')[0].split('=');
      jar.set(name, value.join('='));
    }
    const next = page.headers.get('location');
    if (!next) return page;
    url = new URL(next, url).href;
  }
  throw new Error('redirects without end');
}

async function connect(gateway) {
  const link = await fetch(`${gateway}/calendar/auth/links`, {
    method: 'POST',
    headers: { 'x-api-key': 'local-api-key', 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: USER }),
  });
  const page = await browse((await link.json()).url);
  assert.equal(page.status, 200, await page.text());
}

/** Asks for times in many calls at once. Everybody must be offered some. */
async function askAtOnce(gateway) {
  const began = performance.now();
  const ask = async (_, number) => {
    const message = {
      type: 'tool-calls',
      toolCallList: [{ id: `call_${number}`, function: { name: 'get_availability', arguments: { user_id: USER } } }],
      call: { id: randomUUID(), assistantId: 'judged', customer: { number: '+15125550142' } },
    };
    const answer = await fetch(`${gateway}/vapi/webhook`, {
      method: 'POST',
      headers: { 'x-vapi-secret': 'local-webhook-secret', 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
    });
    const [result] = (await answer.json()).results;
    assert.ok(result.result, JSON.stringify(result));
  };
  await Promise.all(Array.from({ length: CALLS }, ask));
  return Math.round(performance.now() - began);
}

async function judge(binary, template) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const system = await localSystem(binary, template, origin);
  try {
    const graphToken = await tokenForGraph(system);
    const provider = authority(origin, `${system.gateway}/calendar/auth/callback`);
    const asProvider = provider.callback();
    server.on('request', (request, response) => {
      if (request.url.startsWith('/v1.0/')) return front(provider, system.microsoft, graphToken, request, response);
      if (request.url.startsWith('/interaction/')) return interact(provider, request, response);
      // Microsoft gives a refresh token without asking for consent each time; the
      // standard wants it asked for.
      request.url = request.url.replace('prompt=select_account', 'prompt=consent');
      return asProvider(request, response);
    });

    await connect(system.gateway);
    await sleep(1100);
    lifetime = 310;
    const ended = await askAtOnce(system.gateway);
    assert.deepEqual(seen, { refreshes: 1, revoked: 0, errors: [] });

    // Now it ends within five minutes: time to refresh, with the rotated token.
    await sleep(11_000);
    lifetime = 3600;
    const ending = await askAtOnce(system.gateway);
    assert.deepEqual(seen, { refreshes: 2, revoked: 0, errors: [] });
    console.log(`oidc-provider: ${CALLS} calls with an ended token, 1 refresh, ${ended} ms`);
    console.log(`oidc-provider: ${CALLS} calls with an ending token, 1 refresh, ${ending} ms`);
  } finally {
    system.child.kill();
    server.close();
    server.closeAllConnections();
    await rm(system.folder, { recursive: true });
  }
}

await judge(...process.argv.slice(2));
