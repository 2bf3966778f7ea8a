// An OpenID provider for tests: whoever signs in is NAME@example.com, with the groups of the environment.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [modules, port, dashboard] = process.argv.slice(2);
const require = createRequire(path.join(modules, "x.js"));
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);
const groups = JSON.parse(process.env.GROUPS_OF ?? "{}");
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "supportlens",
    client_secret: "a secret of the tests",
    redirect_uris: [`${dashboard}/oauth2callback`],
    post_logout_redirect_uris: [`${dashboard}/oauth2callback`],
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "email", "profile", "groups"],
  conformIdTokenClaims: false, // the dashboard reads the identity token alone
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, name: id, email: `${id}@example.com`, email_verified: !id.startsWith("unverified"), groups: groups[id] ?? [],
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
