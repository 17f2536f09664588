package demo

// configuration is Config with {cloud} in place of the URL. An operator meets it
// as the first example, so each line says what a real account would have there.
const configuration = `# The exporter's configuration for its demo: three projects of an online shop in two
# regions, and the whole account of the company that runs it. For a real account, leave
# out endpoints and iam_endpoint, and keep secrets in files (secret_key_file: …) or in the
# environment (secret_key: ${SHOP_PROD_SK}).

credentials:
  shop-prod-reader:            # a permanent access key
    access_key: DEMOSHOPPROD00000001
    secret_key: demo-secret-key-of-shop-prod
  shop-staging-user:           # an IAM user: tokens are obtained and renewed
    domain_name: minghui-shop
    username: tag-exporter
    password: demo-password-of-shop-staging
    iam_endpoint: {cloud}
  lake-temporary:              # a temporary access key
    access_key: DEMOLAKEANALYTICS001
    secret_key: demo-secret-key-of-lake-analytics
    security_token: demo-security-token-of-lake-analytics
  minghui-auditor:             # a permanent access key of an IAM user of the account
    access_key: DEMOMINGHUI000000001
    secret_key: demo-secret-key-of-minghui
  organization:                # of a user of the organization's management account
    access_key: DEMOMINGHUIGROUP0001
    secret_key: demo-secret-key-of-minghui-group

projects:
  - name: shop-prod
    region: cn-north-4
    project_id: 0549b4a43100d4f32f51c01c2fe4acdb
    credentials: shop-prod-reader
    endpoints: &cloud          # the simulated cloud answers for every service
{endpoints}
    services: all              # that the exporter knows and the region has
  - name: shop-staging
    region: cn-north-4
    project_id: 8c1d27e95f0a4b36a7e40d92b6f3158e
    credentials: shop-staging-user
    endpoints: *cloud
    services: all
  - name: lake-analytics
    region: cn-southwest-2
    project_id: f3a60b7d94c84e21b85d6c0e17a2934f
    credentials: lake-temporary
    endpoints: *cloud
    services:
      all: {}                  # and beside it those that want settings of their own
      modelarts:
        resource_types: [pool, notebook, service]
      fabric:
        selectors:             # counted by the server, beside what is listed
          - key: 业务线
            values: [算法]

accounts:
  - name: minghui
    domain_id: 0a6c91e47bd2483f95c0e1d7f8a23b64
    credentials: minghui-auditor
    requests_per_second: 400   # for a real account, rather the default
    endpoints:
      config: {cloud}
      iam: {cloud}
      eps: {cloud}
    config:                    # what Huawei Cloud Config lists: all services and regions
      renew_after: 20s         # for a real account, rather the default of 5m
    discover:                  # the account's projects, read like those above
      services: [modelarts, dds]
      endpoints: *cloud

tags:
  max_values_per_key: 10       # low, so that the key "ticket" of lake-analytics shows what folding does

policy:
  effective:                   # what Organizations says is in force, on that account's resources alone
    - account: minghui
      credentials: organization
      endpoint: {cloud}
      renew_after: 1m          # for a real account, rather the default of 15m
  responsible: [owner, enterprise_project]   # who has to mend what is found
  documents: [tag-policy.json] # of Organizations: BusinessUnit
  rules:
    - name: owner-required
      key: owner
      required: true
    - key: env
      required: true
      values: [prod, staging, dev]
      services: &costly [modelarts, dds, fabric, ecs, evs, rds]   # where most of the money goes
    - key: cost-center
      pattern: 'CC-[0-9]{4}'
      services: *costly
    - name: dataclass
      key: DataClass
      values: [Public, Internal, Confidential-*]
      services: [dds, fabric, evs, rds, sfsturbo]   # that keep data
    - name: no-temp
      key: temp
      forbidden: true
      services: *costly
`

// tagPolicy is an Organizations tag policy: how a key is capitalised, and which values
// it has.
const tagPolicy = `{
  "tags": {
    "businessunit": {
      "tag_key": {"@@assign": "BusinessUnit"},
      "tag_value": {"@@assign": ["Retail", "Payments", "Data-*"]},
      "enforced_for": {"@@assign": ["dds:instance"]}
    }
  }
}
`
