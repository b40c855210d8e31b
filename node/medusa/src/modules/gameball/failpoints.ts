/** Places where tests have the process die: `GAMEBALL_FAILPOINT=claim.committed`, or `claim.committed:3` for the third. */

const [wanted, nth = "1"] = (process.env.GAMEBALL_FAILPOINT ?? "").split(":");
let seen = 0;

export const FAILPOINTS = [
  "record.begin",
  "record.inserted",
  "record.committed",
  "claim.begin",
  "claim.leased",
  "claim.committed",
  "send.submitted",
  "send.answered",
  "ledger.saved",
  "settle.begin",
  "settle.updated",
  "settle.stored",
  "settle.committed",
] as const;

/** Dies here, as by a power cut, if a test wants it. */
export function reached(name: (typeof FAILPOINTS)[number]): void {
  if (wanted === name) {
    seen += 1;
    if (seen === Number(nth)) {
      process.kill(process.pid, "SIGKILL");
    }
  }
}
