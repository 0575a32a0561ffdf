/** People of the demo company, by what they may do. */
const password = 'nordhaven-at-night';
export const ADMIN = { email: 'amara.okafor@nordhaven.example', password };
export const AGENT = { email: 'jonas.berg@nordhaven.example', password };
export const CUSTOMER = { email: 'ingrid.solberg@nordhaven.example', password };
