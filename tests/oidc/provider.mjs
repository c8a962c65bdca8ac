/**
 * A real OpenID provider (oidc-provider) for the tests, on a free port of this machine. It signs in whoever gives a
 * name. It can be told to go wrong: GET /twist/MODE changes what its token endpoint answers from then on.
 */
import { createServer } from "node:http";
import { createSign, generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://localhost:${server.address().port}`;

const key = () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const own = key();
const signing = { ...own.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "first" };
// `native`: a loopback address is allowed with any port, as the node's port is not known when this starts.
const client = (id) => ({
  client_id: id,
  client_secret: `the secret of ${id}`,
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/sign-in/provider/back", "http://localhost/sign-in/provider/back"],
  token_endpoint_auth_method: "client_secret_basic",
});

const provider = new Provider(issuer, {
  clients: [client("lintas"), client("another")],
  jwks: { keys: [signing] },
  cookies: { keys: ["for the tests"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});

let mode = "";
const last = {}; // the last ID token of each client
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decoded = (token) => token.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));

function signed(head, claims, by) {
  const text = `${encoded(head)}.${encoded(claims)}`;
  return `${text}.${createSign("sha256").update(text).sign(by, "base64url")}`;
}

const twists = {
  another_client: () => last.another,
  unsigned: (token) => `${encoded({ alg: "none" })}.${token.split(".")[1]}.`,
  stranger: (token) => signed(decoded(token)[0], decoded(token)[1], key()),
  changed: (token) => {
    const [head, , signature] = token.split(".");
    return `${head}.${encoded({ ...decoded(token)[1], sub: "mallory" })}.${signature}`;
  },
};

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith("/twist/")) {
    mode = ctx.path.slice("/twist/".length);
    ctx.body = mode;
    return;
  }
  if (mode === "elsewhere" && ctx.path === "/.well-known/openid-configuration") {
    await next();
    ctx.body = { ...ctx.body, token_endpoint: "http://127.0.0.1:9/token" };
    return;
  }
  if (ctx.path === "/token" && mode === "redirect") return ctx.redirect("http://127.0.0.1:9/token");
  await next();
  if (mode === "large" && ctx.path === "/jwks") ctx.body = { keys: [signing], padding: "x".repeat(3_000_000) };
  if (ctx.path !== "/token" || !ctx.body?.id_token) return;
  last[decoded(ctx.body.id_token)[1].aud] = ctx.body.id_token;
  const [twist, value] = mode.split(".");
  if (twist === "auth_time") {
    const [head, claims] = decoded(ctx.body.id_token);
    const changed = { ...claims, auth_time: value === "none" ? undefined : claims.auth_time - Number(value) };
    ctx.body = { ...ctx.body, id_token: signed(head, changed, own) };
  }
  if (twists[mode]) ctx.body = { ...ctx.body, id_token: twists[mode](ctx.body.id_token) };
  if (mode === "no_token") delete ctx.body.id_token;
});

server.on("request", provider.callback());
console.log(issuer);
process.stdin.on("end", () => process.exit(0)).resume(); // ends with the test that started it
