// The three calls that carry the claim, as they go to Saleor's GraphQL API.
import { referralMetadata } from "./gameball-storefront.js";

async function saleor(api, query, variables) {
  const answer = await fetch(api, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

export function register(api, { email, password, channel, redirectUrl, typed }) {
  return saleor(
    api,
    `mutation Register($input: AccountRegisterInput!) {
      accountRegister(input: $input) { requiresConfirmation errors { field message } }
    }`,
    { input: { email, password, channel, redirectUrl, metadata: referralMetadata({ typed }) } },
  );
}

export function createCheckout(api, { email, channel, lines }) {
  return saleor(
    api,
    `mutation Create($input: CheckoutCreateInput!) {
      checkoutCreate(input: $input) { checkout { id } errors { field message } }
    }`,
    { input: { email, channel, lines, metadata: referralMetadata() } },
  );
}

export function completeCheckout(api, { id }) {
  return saleor(
    api,
    `mutation Complete($id: ID, $metadata: [MetadataInput!]) {
      checkoutComplete(id: $id, metadata: $metadata) { order { id } errors { field message } }
    }`,
    { id, metadata: referralMetadata() },
  );
}
