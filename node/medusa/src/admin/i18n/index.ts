/** The pages' texts, as Medusa's admin reads them: by language, under a namespace of their own. */

import en from "./en.js";

export default { en: { gameball: en } };
