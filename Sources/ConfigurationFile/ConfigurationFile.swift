import WeirConfiguration
import Yams

/// A configuration file: YAML, or JSON as it is.
package struct ConfigurationFile {}
