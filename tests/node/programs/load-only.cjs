// Tells what loading the package and making a client changes in the process: threads, descriptors, handles.

const { readdirSync, readlinkSync } = require("node:fs");

function threads() {
  return readdirSync("/proc/self/task").length;
}

function sockets() {
  const descriptors = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ""; // The one that was open for the listing itself.
    }
  });
  return descriptors.filter((target) => /socket:|eventpoll|eventfd/.test(target)).length;
}

const before = { threads: threads(), sockets: sockets(), handles: process.getActiveResourcesInfo().length };
const { Client, ClaimSigner, Courier, prepare, referralLink } = require("gameball-referrals");
require("gameball-referrals/testing");
const loaded = { threads: threads(), sockets: sockets(), handles: process.getActiveResourcesInfo().length };
const client = new Client({ apiKey: "k", secretKey: "s" });
const courier = new Courier({ apiKey: "k", secretKey: "s" });
const { arguments: prepared } = prepare("createCustomer", { customerId: "a" }, { now: new Date() });
courier.plan(null, new Date(), [{ id: 1, lane: "a", operation: "createCustomer", dueAt: new Date() }], 1);
referralLink("https://shop.example/", "A");
new ClaimSigner("a signing key of the shop, random").issue("A");
const made = { threads: threads(), sockets: sockets(), handles: process.getActiveResourcesInfo().length };
console.log(JSON.stringify({ before, loaded, made, baseUrl: client.baseUrl, prepared }));
