/** The one deployment that the Prefect stub has. */
export const DEPLOYMENT_ID = '01990000-0000-7000-8000-000000000001';
