import type { OwnReferrals } from "gameball-referrals/storefront";
import { redirect } from "next/navigation";
import { ReferralShare } from "@/components/referral-share";
import { ask } from "@/lib/backend";

export default async function Account() {
  const [{ told: me }, { status, told: own }] = await Promise.all([
    ask<{ name: string | null }>("/api/me/"),
    ask<OwnReferrals>("/gameball/me"),
  ]);
  if (status === 401) redirect("/log-in");
  return (
    <>
      <h1>Hello, {me.name}</h1>
      <ReferralShare link={own.link} friends={own.friends.linked} />
    </>
  );
}
