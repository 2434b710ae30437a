/** The only deployment of the Prefect stub. */
export const DEPLOYMENT_ID = '01990000-0000-7000-8000-000000000001';
