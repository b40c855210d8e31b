// One friend's way through a shop, as an ES module.

import { ClaimSigner, extractReferrerCode, referralLink } from "gameball-referrals";
import { Emulator } from "gameball-referrals/testing";

await journey();

async function journey() {
  const emulator = new Emulator();
  emulator.addCustomer({ customerId: "ann", referralCode: "REF123456" });
  const gameball = emulator.client();
  const signer = new ClaimSigner("a signing key of the shop, random");

  const { referralCode } = await gameball.getCustomer("ann");
  const visited = referralLink("https://shop.example/signup?ref={referralCode}", referralCode ?? "");
  const captured = extractReferrerCode(visited);
  const cookie = signer.issue(captured ?? "");
  const claim = signer.read(cookie);
  await gameball.createCustomer({ customerId: "bob", referrerCode: claim?.code });
  const tracked = await gameball.trackOrder({
    orderId: "1",
    customerId: "bob",
    orderDate: new Date(),
    totalPaid: "100.10",
    referrerCode: claim?.code,
  });
  const { isReferred } = await gameball.getCustomer("bob");
  const friends = [];
  for await (const friend of gameball.getCustomerReferrals("ann")) friends.push(friend.customerId);
  emulator.stop();
  console.log(JSON.stringify({ visited, captured, isReferred, friends, tracked: tracked.customerId }));
}
