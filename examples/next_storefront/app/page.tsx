import { cookies } from "next/headers";
import { Banner } from "@/components/banner";
import { ask } from "@/lib/backend";
import { referrals } from "@/lib/referrals";

interface Product {
  slug: string;
  name: string;
  tagline: string;
  price: string;
}

export default async function Home() {
  const claim = referrals.currentClaim(await cookies());
  const { told } = await ask<{ products: Product[] }>("/api/products/");
  return (
    <>
      {claim && <Banner />}
      <section className="hero">
        <h1>
          Slow mornings, <em>well made</em>
        </h1>
        <p>Everything for a good cup, from one small shop.</p>
      </section>
      <ul className="shelf">
        {told.products.map(({ slug, name, tagline, price }) => (
          <li className="card" key={slug}>
            <b>{name}</b>
            <span className="price">€ {price}</span>
            <small>{tagline}</small>
          </li>
        ))}
      </ul>
    </>
  );
}
