// Admits callers with a token of one of several issuers. ISSUERS has the audience of each: {"https://issuer": "audience"}.
// It refuses whatever it cannot check. Node's own modules do all of it, so that there is no package to keep up to date.
import { createPublicKey, verify } from "node:crypto";

const AUDIENCES = new Map(Object.entries(JSON.parse(process.env.ISSUERS)));
const REFRESH_MS = 60_000; // an unknown key makes it read the issuer's keys again, at most once a minute
const CLOCK_SECONDS = 60;
const keysOf = new Map();

const decode = (part) => JSON.parse(Buffer.from(part, "base64url"));

async function read(url) {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(3_000) });
  if (!response.ok) throw new Error(`${url} returned ${response.status}`);
  return response.json();
}

async function findKey(issuer, id) {
  const held = keysOf.get(issuer);
  const known = held?.keys.find((key) => key.kid === id);
  if (known || (held && Date.now() - held.readAt < REFRESH_MS)) return known;
  const page = await read(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { keys } = await read(page.jwks_uri);
  keysOf.set(issuer, { keys, readAt: Date.now() });
  return keys.find((key) => key.kid === id);
}

async function readClaims(token) {
  const [header, payload, signature, ...more] = token.split(".");
  const { alg, kid } = decode(header);
  const claims = decode(payload);
  // The algorithm is ours to choose, and not the token's.
  if (more.length || alg !== "RS256" || typeof kid !== "string") throw new Error("not a token signed by RS256");
  if (!AUDIENCES.has(claims.iss)) throw new Error("another issuer");
  const key = await findKey(claims.iss, kid);
  if (key?.kty !== "RSA") throw new Error("an unknown key");
  const signed = Buffer.from(`${header}.${payload}`);
  const publicKey = createPublicKey({ key, format: "jwk" });
  if (!verify("RSA-SHA256", signed, publicKey, Buffer.from(signature, "base64url"))) throw new Error("a wrong signature");
  const now = Date.now() / 1000;
  if (!(claims.exp > now - CLOCK_SECONDS) || claims.nbf > now + CLOCK_SECONDS) throw new Error("not valid now");
  // Cognito's access tokens name the client in place of an audience.
  const meant = [claims.aud ?? claims.client_id].flat();
  if (!meant.includes(AUDIENCES.get(claims.iss))) throw new Error("another audience");
  return claims;
}

export const handler = async (event) => {
  try {
    const { iss, sub } = await readClaims((event.headers?.authorization ?? "").replace(/^Bearer /i, ""));
    return { isAuthorized: true, context: { iss, sub } };
  } catch (error) {
    console.log(`refused: ${error.message}`);
    return { isAuthorized: false };
  }
};
