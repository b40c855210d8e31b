// A stand-in of Saleor's storefront API: the three mutations that carry the claim, in Saleor's own input shapes, and
// what came with them. It also serves the plain example's files, as the same site.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { buildSchema, graphql } from "graphql";

const schema = buildSchema(`
  input MetadataInput { key: String! value: String! }
  input AccountRegisterInput {
    email: String! password: String! firstName: String lastName: String languageCode: String
    redirectUrl: String channel: String metadata: [MetadataInput!]
  }
  input CheckoutLineInput { quantity: Int! variantId: ID! metadata: [MetadataInput!] }
  input CheckoutCreateInput {
    channel: String lines: [CheckoutLineInput!]! email: String languageCode: String metadata: [MetadataInput!]
  }
  type AccountError { field: String message: String }
  type CheckoutError { field: String message: String }
  type AccountRegister { requiresConfirmation: Boolean errors: [AccountError!]! }
  type Checkout { id: ID! }
  type CheckoutCreate { checkout: Checkout errors: [CheckoutError!]! }
  type Order { id: ID! }
  type CheckoutComplete { order: Order errors: [CheckoutError!]! }
  type Query { shop: String }
  type Mutation {
    accountRegister(input: AccountRegisterInput!): AccountRegister
    checkoutCreate(input: CheckoutCreateInput!): CheckoutCreate
    checkoutComplete(id: ID, metadata: [MetadataInput!]): CheckoutComplete
  }
`);
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };

/** Starts one; `calls` has each mutation's name and the metadata that came with it. */
export async function startSaleor(folder) {
  const calls = [];
  const note = (mutation, metadata = []) =>
    calls.push({ mutation, metadata: metadata.map((item) => ({ ...item })) });
  const rootValue = {
    accountRegister: ({ input }) => {
      note("accountRegister", input.metadata);
      const taken = input.email.startsWith("bad") ? [{ field: "password", message: "It is too short." }] : [];
      return { requiresConfirmation: true, errors: taken };
    },
    checkoutCreate: ({ input }) => {
      note("checkoutCreate", input.metadata);
      return { checkout: { id: "Q2hlY2tvdXQ6MQ==" }, errors: [] };
    },
    checkoutComplete: ({ metadata }) => {
      note("checkoutComplete", metadata);
      return { order: { id: "T3JkZXI6MQ==" }, errors: [] };
    },
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname !== "/graphql/") {
      const name = pathname === "/" ? "/index.html" : pathname;
      try {
        response.setHeader("Content-Type", TYPES[extname(name)] ?? "text/plain");
        response.end(await readFile(new URL(`.${name}`, folder)));
      } catch {
        response.writeHead(name === "/favicon.ico" ? 204 : 404).end();
      }
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const { query: source, variables: variableValues } = JSON.parse(body);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(await graphql({ schema, source, rootValue, variableValues })));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, calls, close: () => server.close() };
}
