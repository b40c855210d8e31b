"use server";

import { forgetReferral } from "../lib/referral";
import * as saleor from "../lib/saleor";

const text = (form: FormData, name: string) => String(form.get(name) ?? "");

export async function register(_before: string, form: FormData): Promise<string> {
  const redirectUrl = process.env.STOREFRONT_URL ?? "http://localhost:3000/";
  const input = { email: text(form, "email"), password: text(form, "password"), redirectUrl };
  const problems = await saleor.register(input, text(form, "typed"));
  if (problems[0]) return problems[0].message ?? "That did not work.";
  await forgetReferral();
  return "Welcome! Look into your mailbox.";
}

export async function order(_before: string, form: FormData): Promise<string> {
  const id = await saleor.order(text(form, "email"), "UHJvZHVjdFZhcmlhbnQ6Nw==");
  await forgetReferral();
  return `Thank you! Your order: ${id}`;
}
