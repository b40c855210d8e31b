// The three calls that carry the claim, as they go to Saleor's GraphQL API.
import { referralMetadata } from "./referral";

type Problem = { field: string | null; message: string | null };

async function saleor<T>(query: string, variables: Record<string, unknown>): Promise<T> {
  const answer = await fetch(process.env.SALEOR_API_URL ?? "", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
    cache: "no-store",
  });
  const { data, errors } = (await answer.json()) as { data: T; errors?: { message: string }[] };
  if (errors?.[0]) throw new Error(errors[0].message);
  return data;
}

export async function register(
  input: { email: string; password: string; redirectUrl: string },
  typed: string,
) {
  const { accountRegister } = await saleor<{ accountRegister: { errors: Problem[] } }>(
    `mutation Register($input: AccountRegisterInput!) {
      accountRegister(input: $input) { errors { field message } }
    }`,
    { input: { ...input, channel: "default-channel", metadata: await referralMetadata(typed) } },
  );
  return accountRegister.errors;
}

export async function order(email: string, variantId: string): Promise<string> {
  const metadata = await referralMetadata();
  const lines = [{ quantity: 1, variantId }];
  const { checkoutCreate } = await saleor<{ checkoutCreate: { checkout: { id: string } } }>(
    `mutation Create($input: CheckoutCreateInput!) {
      checkoutCreate(input: $input) { checkout { id } errors { field message } }
    }`,
    { input: { email, channel: "default-channel", lines, metadata } },
  );
  const { checkoutComplete } = await saleor<{ checkoutComplete: { order: { id: string } } }>(
    `mutation Complete($id: ID, $metadata: [MetadataInput!]) {
      checkoutComplete(id: $id, metadata: $metadata) { order { id } errors { field message } }
    }`,
    { id: checkoutCreate.checkout.id, metadata },
  );
  return checkoutComplete.order.id;
}
