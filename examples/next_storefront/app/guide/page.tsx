import { Banner } from "@/components/banner";

// Made once, at build time, and the same for everybody: the script captures, and shows the banner.
export const dynamic = "force-static";

export default function Guide() {
  return (
    <>
      <Banner byScript />
      <article className="narrow">
        <h1>Pour-over in four minutes</h1>
        <p>
          Grind 18 g of coffee as coarse as sea salt. Wet the filter, add the coffee, and pour 50 g of water
          just off the boil. Wait for half a minute: it blooms.
        </p>
        <p>
          Then pour slowly, in circles, up to 300 g. It is done when the last drops fall, after about three
          minutes.
        </p>
        <p>
          <a href="/">To the shop</a>
        </p>
      </article>
      <script src="/gameball/capture.js" data-url="/gameball/capture" defer />
    </>
  );
}
