/** The smallest shop that can take an order. Prints, as one line of JSON, what a storefront needs. */

const { Modules, ContainerRegistrationKeys } = require("@medusajs/framework/utils");
const flows = require("@medusajs/medusa/core-flows");

module.exports.default = async function seed({ container }) {
  const link = container.resolve(ContainerRegistrationKeys.LINK);
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const run = async (workflow, input) => (await workflow(container).run({ input })).result;

  const [channel] = await run(flows.createSalesChannelsWorkflow, {
    salesChannelsData: [{ name: "Web shop" }],
  });
  const [region] = await run(flows.createRegionsWorkflow, {
    regions: [
      {
        name: "Europe",
        currency_code: "eur",
        countries: ["de", "fr"],
        payment_providers: ["pp_system_default"],
      },
    ],
  });
  const [location] = await run(flows.createStockLocationsWorkflow, {
    locations: [{ name: "Warehouse", address: { city: "Berlin", country_code: "DE", address_1: "" } }],
  });
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_provider_id: "manual_manual" },
  });
  const { data: profiles } = await query.graph({ entity: "shipping_profile", fields: ["id"] });
  const profile =
    profiles[0] ??
    (await run(flows.createShippingProfilesWorkflow, { data: [{ name: "Default", type: "default" }] }))[0];
  const fulfilment = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
    name: "Delivery",
    type: "shipping",
    service_zones: [{ name: "Europe", geo_zones: [{ country_code: "de", type: "country" }] }],
  });
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_set_id: fulfilment.id },
  });
  const rule = (attribute, value) => ({ attribute, value, operator: "eq" });
  const [option] = await run(flows.createShippingOptionsWorkflow, [
    {
      name: "Standard",
      price_type: "flat",
      provider_id: "manual_manual",
      service_zone_id: fulfilment.service_zones[0].id,
      shipping_profile_id: profile.id,
      type: { label: "Standard", description: "In 3 days.", code: "standard" },
      prices: [{ currency_code: "eur", amount: 5.9 }],
      rules: [rule("enabled_in_store", "true"), rule("is_return", "false")],
    },
  ]);
  await run(flows.linkSalesChannelsToStockLocationWorkflow, { id: location.id, add: [channel.id] });
  const [key] = await run(flows.createApiKeysWorkflow, {
    api_keys: [{ title: "Storefront", type: "publishable", created_by: "" }],
  });
  await run(flows.linkSalesChannelsToApiKeyWorkflow, { id: key.id, add: [channel.id] });
  const [product] = await run(flows.createProductsWorkflow, {
    products: [
      {
        title: "Coffee, 500 g",
        handle: "coffee",
        status: "published",
        shipping_profile_id: profile.id,
        options: [{ title: "Roast", values: ["Dark"] }],
        variants: [
          {
            title: "Dark",
            sku: "COFFEE-DARK",
            options: { Roast: "Dark" },
            prices: [{ currency_code: "eur", amount: 14.1 }],
          },
        ],
        sales_channels: [{ id: channel.id }],
      },
    ],
  });
  const { data: items } = await query.graph({ entity: "inventory_item", fields: ["id"] });
  await run(flows.createInventoryLevelsWorkflow, {
    inventory_levels: items.map(({ id }) => ({
      location_id: location.id,
      stocked_quantity: 1_000_000,
      inventory_item_id: id,
    })),
  });
  const facts = {
    publishableKey: key.token,
    regionId: region.id,
    variantId: product.variants[0].id,
    shippingOptionId: option.id,
  };
  process.stdout.write(`SEED ${JSON.stringify(facts)}\n`);
};
