/// The configurations that the manual of Python API Proxy shows, as they stand there; a test changes hosts alone.
package enum DocumentedConfigurations {
    /// The manual's “complete example”.
    package static let completeExample = """
        {
          "server": {
            "host": "0.0.0.0",
            "port": 3000,
            "log_requests": true,
            "reload_interval": 5,
            "base_path": ""
          },
          "global_proxy": null,
          "force_header_overwrite": false,
          "headers_to_drop": ["x-forwarded-for", "x-real-ip"],

          "routes": {
            "openai": {
              "enabled": true,
              "target_url": "https://api.openai.com",
              "proxy": null,
              "force_header_overwrite": false,
              "custom_headers": {
                "Authorization": "Bearer sk-xxxx"
              }
            }
          }
        }
        """

    /// The manual's “basic use”.
    package static let basicUse = """
        {
          "server": {
            "host": "0.0.0.0",
            "port": 3000
          },
          "routes": {
            "openai": {
              "enabled": true,
              "target_url": "https://api.openai.com",
              "custom_headers": {
                "Authorization": "Bearer sk-xxxx"
              }
            }
          }
        }
        """

    /// The manual's “several APIs”.
    package static let severalAPIs = """
        {
          "routes": {
            "openai": {
              "enabled": true,
              "target_url": "https://api.openai.com",
              "custom_headers": {
                "Authorization": "Bearer sk-openai-xxxx"
              }
            },
            "anthropic": {
              "enabled": true,
              "target_url": "https://api.anthropic.com",
              "custom_headers": {
                "x-api-key": "sk-ant-xxxx",
                "anthropic-version": "2023-06-01"
              }
            },
            "gemini": {
              "enabled": true,
              "target_url": "https://generativelanguage.googleapis.com",
              "custom_headers": {
                "x-goog-api-key": "your-gemini-key"
              }
            },
            "deepseek": {
              "enabled": true,
              "target_url": "https://api.deepseek.com",
              "custom_headers": {
                "Authorization": "Bearer sk-deepseek-xxxx"
              }
            }
          }
        }
        """

    /// The manual's “base path”.
    package static let basePath = """
        {
          "server": {
            "host": "127.0.0.1",
            "port": 3000,
            "base_path": "/byok"
          },
          "routes": {
            "openai": {
              "enabled": true,
              "target_url": "https://api.openai.com"
            }
          }
        }
        """

    /// The manual's “base path of several levels”.
    package static let basePathOfSeveralLevels = """
        {
          "server": {
            "base_path": "/api/v1/proxy"
          }
        }
        """

    /// The manual's “headers: client first”.
    package static let clientFirst = """
        {
          "force_header_overwrite": false,
          "routes": {
            "openai": {
              "target_url": "https://api.openai.com",
              "custom_headers": {
                "Authorization": "Bearer sk-default-key"
              }
            }
          }
        }
        """

    /// The manual's “headers: forced”.
    package static let forced = """
        {
          "force_header_overwrite": true
        }
        """

    /// The manual's “headers: by route”.
    package static let forcedByRoute = """
        {
          "force_header_overwrite": false,
          "routes": {
            "public-api": {
              "target_url": "https://api.openai.com",
              "force_header_overwrite": false,
              "custom_headers": {
                "Authorization": "Bearer sk-default"
              }
            },
            "private-api": {
              "target_url": "https://api.openai.com",
              "force_header_overwrite": true,
              "custom_headers": {
                "Authorization": "Bearer sk-fixed-key"
              }
            }
          }
        }
        """

    /// The manual's “global proxy”.
    package static let globalProxy = """
        {
          "global_proxy": "http://127.0.0.1:7890"
        }
        """

    /// The manual's “proxy by route”.
    package static let proxyByRoute = """
        {
          "global_proxy": "http://127.0.0.1:7890",
          "routes": {
            "openai": {
              "target_url": "https://api.openai.com",
              "proxy": "http://us-proxy.example.com:8080"
            },
            "domestic-api": {
              "target_url": "https://api.domestic.com",
              "proxy": ""
            }
          }
        }
        """

    /// The manual's “universal mode”.
    package static let universal = """
        {
          "routes": {
            "proxy": {
              "enabled": true,
              "universal_proxy": true
            }
          }
        }
        """

    /// The manual's “header filter”.
    package static let droppedHeaders = """
        {
          "headers_to_drop": [
            "x-forwarded-for",
            "x-real-ip",
            "cf-connecting-ip",
            "x-forwarded-proto"
          ]
        }
        """

    /// The manual's “reload”.
    package static let reload = """
        {
          "server": {
            "reload_interval": 5
          }
        }
        """

    /// The manual's “production”.
    package static let production = """
        {
          "server": {
            "host": "127.0.0.1",
            "port": 3000,
            "log_requests": false,
            "reload_interval": 30,
            "base_path": "/api/llm"
          },
          "global_proxy": null,
          "force_header_overwrite": false,
          "headers_to_drop": [
            "x-forwarded-for",
            "x-real-ip",
            "cf-connecting-ip"
          ],

          "routes": {
            "openai": {
              "enabled": true,
              "target_url": "https://api.openai.com",
              "custom_headers": {
                "Authorization": "Bearer sk-openai-xxxx"
              }
            },
            "openai-azure": {
              "enabled": true,
              "target_url": "https://your-resource.openai.azure.com",
              "custom_headers": {
                "api-key": "your-azure-key"
              }
            },
            "anthropic": {
              "enabled": true,
              "target_url": "https://api.anthropic.com",
              "force_header_overwrite": true,
              "custom_headers": {
                "x-api-key": "sk-ant-xxxx",
                "anthropic-version": "2023-06-01"
              }
            },
            "gemini": {
              "enabled": true,
              "target_url": "https://generativelanguage.googleapis.com",
              "proxy": "http://us-proxy:8080",
              "custom_headers": {
                "x-goog-api-key": "your-gemini-key"
              }
            },
            "ollama": {
              "enabled": true,
              "target_url": "http://localhost:11434",
              "proxy": ""
            }
          }
        }
        """

    /// The manual's “bring your own key”.
    package static let bringYourOwnKey = """
        {
          "server": {
            "base_path": "/byok"
          },
          "force_header_overwrite": false,
          "routes": {
            "openai": {
              "enabled": true,
              "target_url": "https://api.openai.com"
            },
            "anthropic": {
              "enabled": true,
              "target_url": "https://api.anthropic.com",
              "custom_headers": {
                "anthropic-version": "2023-06-01"
              }
            }
          }
        }
        """

    /// The manual's “internal services”.
    package static let microservices = """
        {
          "routes": {
            "user-service": {
              "enabled": true,
              "target_url": "http://user-service.internal:8080",
              "proxy": ""
            },
            "order-service": {
              "enabled": true,
              "target_url": "http://order-service.internal:8080",
              "proxy": ""
            },
            "external-api": {
              "enabled": true,
              "target_url": "https://api.external.com",
              "proxy": "http://egress-proxy:3128"
            }
          }
        }
        """

    /// All of them, by the manual's headings.
    package static let all: [(heading: String, text: String)] = [
        ("complete example", completeExample), ("basic use", basicUse), ("several APIs", severalAPIs),
        ("base path", basePath), ("base path of several levels", basePathOfSeveralLevels),
        ("headers: client first", clientFirst), ("headers: forced", forced), ("headers: by route", forcedByRoute),
        ("global proxy", globalProxy), ("proxy by route", proxyByRoute), ("universal mode", universal),
        ("header filter", droppedHeaders), ("reload", reload), ("production", production),
        ("bring your own key", bringYourOwnKey), ("internal services", microservices),
    ]
}
