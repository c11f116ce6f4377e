# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/google" {
  version     = "7.44.0"
  constraints = ">= 7.44.0, < 9.0.0"
  hashes = [
    "h1:8yNoTfZlinZ7cPgP41rlVPfrOz2dG04UMAWI4APTnGE=",
    "h1:FbL1iJAQHoSxwQjQNxsejAAjVwTYe7U8/uryPgzBn6s=",
    "h1:NqGVZh36a/xy8odgCGOE+xW3kOUlWlFHy3Oj3w6cCDA=",
    "h1:PlxRO7Plo2TEIS0wJ8A9h0rV++booglbZIqCrJcVj3s=",
    "h1:QEH7/0uSPLbmKp+UZVvlmwMvkBf57WDdZp3gOC/ZH1Q=",
    "h1:U1jsJXYaoJktPKVmeHiXpeHZkRECBypqOC4GBLm25pg=",
    "h1:UMYkIFqEeTXfMW1qDAT0klB3iJFTzQiW0l8tvRiR4po=",
    "h1:bHZcTlkjny9wKOUyfH+ifPLi9kLReEZxu9Q7jfpuM68=",
    "h1:j4zxF2kgznlGqB8jqIEhV+XqtQIeJ8OewHe26rOHF3A=",
    "h1:jQ4YCxn0YjFHpt7UKrE/zD6RqU8GViAADXv+7rhxyoA=",
    "h1:y8O1Hrj1P9zjnnh1V343klgWpfOxi4WIYOqzZAXdjK8=",
    "zh:0f01a648c6f423aef3981cf5ceacbffd6da7c4cea09ee32281e1b8d097dea450",
    "zh:466c2115c5ec2e28db03e2c5ee167b58cb07fc546e57c92b7128c165ca35074b",
    "zh:4d9172e50e29305b08af59d02adeaedcac019073e80959a23dac63792c27cf23",
    "zh:5222149fc04cc34341efb90fdc51d8ebd8e051fdfbfd4f4eab1f2d9945c41903",
    "zh:75dd7746d710a2ebf5996879e4a079df868f5144504e6e1c8593542ef00164ec",
    "zh:7a6e73ccb4a4cc383fe88adcafb8f17679b292c5b6f7b6a60463823d9f7014ba",
    "zh:9244f674832347c0190ecbdb22872b4ba8476c507622107c096304957680e65c",
    "zh:99c53c2bb648ed96f3cbc46de9aecdaf561c8a55a4d3ead1b170fd48a69d1103",
    "zh:a13bbcf868994dace18fb4be393af01fef2d5139580a8ce2a12893f1dce66e83",
    "zh:b03b1e792797300bb3357116bd44438a0892d5b80c9e1e9accb06a62dc162f69",
    "zh:ef0d8cb202b466520875f37b261f3e58a0f53b0f4c969ae81a006afb9158ba31",
    "zh:f569b65999264a9416862bca5cd2a6177d94ccb0424f3a4ef424428912b9cb3c",
  ]
}

provider "registry.terraform.io/hashicorp/google-beta" {
  version     = "7.44.0"
  constraints = ">= 7.44.0, < 9.0.0"
  hashes = [
    "h1:2vI+JXi2yPWdLP7Rco+U1392SoYVvWg5qUiJq+tYUzU=",
    "h1:5LYYoFl1G7IPNbUoJhUnDlVCaJDmtOFhCTuafab3vyE=",
    "h1:5c8m1HSXJTrzBakfVXr7o1cftjPKDj2HciKmtGgz9x8=",
    "h1:9ZJwSnOpIWKTPJ3KjAEXYnTwv35P2TLqdSXJoUY+6g4=",
    "h1:KUGiOY+8HUIWPwkP6MUuqsVgHbEhCq0wFAfFj8EX7aE=",
    "h1:NrnBXGZ4GJQMle/FiM1uXix7+JicDwnPCs8FQ5yag98=",
    "h1:QsHPAkJMZjpAmov8KG2aRR+SIaSPGjAw7JFCojERdz8=",
    "h1:RXpUQT+ebSDZ1s6h1w9VSKBzin7CHJ3Ct3rxWckcmus=",
    "h1:TPg/D5xOWJAhGSg79ztw1K1M+2FoMm9APbY1UHx4Xz4=",
    "h1:cA9gQvwBS73QewnUZmbfGqVeRgD3ffwbot3+GDfhYjE=",
    "h1:yhI4gZh0H+eMRp1ZxP9itWzm8LB7qPZLwZ4fYCstv6Q=",
    "zh:1cea5d489bc9aab59bf0e438b033af1b90ae618d3204a8b143524d757dbfe74d",
    "zh:41d2dab6c19fe016b8419e3b3f180958bc7f016e15bd841f94973632d51e45a3",
    "zh:688e6f8eb03317416c633cb4b957dc693925d4cc4e2aa261480354e1fdd3c825",
    "zh:75bbad01e73795eec1619a1816e8430c3df82cd28e3cd84c748f116f877c682d",
    "zh:b1fb159185580e56de4e309ac4ddf89c0206f29c5556ff8bb3deb36bdb89f434",
    "zh:be81df815e90d52d1882ea0e6c3ea309712c923d6830f65073875bd9dce4d12a",
    "zh:c1ab90980cb66bfc50d067632f269fc455dc2cd01058a590e84563b5d3700139",
    "zh:d775be60110ba344b68df84ebafaf8e5a487484bdf8aaedf5d1d780803b25111",
    "zh:de5862838545152894f8793c08a02d1f5d4de4a81f590621093dff376ac74b98",
    "zh:e336130d56556a1cdd5cd891d614bcf4f5a0fb865aefa727fe5bde7cb6215b54",
    "zh:f24213b028ac71a8b0a863c434d013b4bfbf69ccd6d8b7362141574726f6bc2e",
    "zh:f569b65999264a9416862bca5cd2a6177d94ccb0424f3a4ef424428912b9cb3c",
  ]
}
