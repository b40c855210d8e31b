// One referral from a visit to its proof, in Node. Needs nothing but the package: `node examples/journey.mjs`.
import assert from "node:assert/strict";
import { ClaimSigner, Client, extractReferrerCode, referralLink } from "gameball-referrals";
import { Emulator } from "gameball-referrals/testing";

const SHOP_KEY = "the shop's own secret, at least 16 bytes";
const step = (number, text) => console.log(`\n ${number}. ${text}`);
const detail = (name, value) => console.log(`      ${name.padEnd(14)} ${value}`);

async function receipt(client, friend, code, { wasValid }) {
  if ((await client.getCustomer(friend)).isReferred)
    return `LINKED: Gameball counts ${friend} as referred with ${code}`;
  if (!wasValid) return `REJECTED: nobody's code is ${code}; Gameball ignored it silently`;
  return `LOST: ${friend} is not referred`;
}

console.log("The referral journey, in Node");
const gameball = new Emulator();
const client = new Client({ apiKey: gameball.apiKey, secretKey: gameball.secretKey, baseUrl: gameball.url });
try {
  detail("Gameball", `${gameball.url} (the embedded emulator; open it in a browser)`);

  step(1, "Ann, a customer, shares her link");
  await client.createCustomer({ customerId: "ann", attributes: { displayName: "Ann" } });
  const { referralCode } = await client.getCustomer("ann");
  const link = referralLink("https://shop.example/signup?ref={referralCode}", referralCode);
  detail("link", link);

  step(2, "Ben opens it; the shop keeps the code as a signed, dated claim");
  const visit = `${link}&utm_source=whatsapp#top`;
  detail("visit", visit);
  const signer = new ClaimSigner(SHOP_KEY);
  const cookie = signer.issue(extractReferrerCode(visit));
  detail("claim cookie", cookie);

  step(3, "Ben registers; his first call to Gameball carries the code");
  const claim = signer.read(cookie);
  const valid = await client.validateReferrerCode(claim.code, { forCustomerId: "ben" });
  const created = await client.createCustomer({
    customerId: "ben",
    referrerCode: claim.code,
    email: "ben@shop.example",
    attributes: { displayName: "Ben" },
  });
  detail("code valid", valid);
  detail("Gameball id", created.gameballId);

  step(4, "Ben pays his first order");
  const tracked = await client.trackOrder({
    orderId: "order-1",
    customerId: "ben",
    orderDate: new Date(),
    totalPaid: "100.10",
    totalPrice: "120.00",
    lineItems: [{ productId: "mug", quantity: 2, price: "60.00" }],
  });
  const sent = gameball.state().requests.filter((request) => request.operation === "trackOrder");
  detail("sent", sent.at(-1).body);
  detail("points", tracked.rewardedPoints);

  step(5, "The proof, read back");
  const ben = await receipt(client, "ben", claim.code, { wasValid: valid });
  detail("receipt", ben);
  const friends = [];
  for await (const friend of client.getCustomerReferrals("ann")) friends.push(friend.customerId);
  const count = await client.getCustomerReferralsCount("ann");
  detail(
    "Ann's friends",
    `${friends.join(", ")} (${count.totalActive} active, ${count.totalPending} pending)`,
  );

  step(6, "Carl mistypes a code: Gameball answers 200 all the same, the read-back tells");
  const mistyped = await client.validateReferrerCode("ANNN", { forCustomerId: "carl" });
  await client.createCustomer({ customerId: "carl", referrerCode: "ANNN" });
  detail("receipt", await receipt(client, "carl", "ANNN", { wasValid: mistyped }));
  assert(ben.startsWith("LINKED") && friends.join() === "ben");
} finally {
  client.close();
  gameball.stop();
}
console.log();
