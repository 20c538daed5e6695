import WeirConfiguration

/// What cannot be seen in one value alone: names that must exist, and values that exclude each other.
struct References {
    private let configuration: Configuration
    private let definesRoutes: Bool
    private let places: [String: TextPlace]

    init(_ contents: FileContents, _ places: [String: TextPlace]) {
        configuration = contents.configuration
        definesRoutes = contents.definesRoutes
        self.places = places
    }

    /// - Parameter upstream: the option or variable that made the route `default`; nil: none did.
    func check(_ walk: inout Walk, upstream: String?) {
        if definesRoutes {
            checkRoutes(&walk, upstream: upstream)
            for route in configuration.routes.dropFirst(upstream == nil ? 0 : 1) { check(route, &walk) }
        }
        for reference in walk.references { check(reference, &walk) }
        let server = configuration.server
        let console = configuration.console
        if console.isEnabled, places["console.port"] != nil, console.port != 0, console.port == server.port,
            console.host == server.host
        {
            fault("console.port", "The gateway listens on this address already; give another port.", &walk)
        }
    }

    private func fault(_ path: String, _ message: String, _ walk: inout Walk) {
        walk.fault(message, at: places[path], keyPath: path)
    }

    private func check(_ reference: Walk.Reference, _ walk: inout Walk) {
        let names = configuration.routes.map(\.name)
        guard !names.contains(reference.route) else { return }
        let near = NearMiss.of(reference.route, among: names).map { "Did you mean \($0)?" }
        let remedy = near ?? (names.isEmpty ? "There are none." : "There are: \(names.joined(separator: ", ")).")
        let message = "\(reference.shown) is no route. \(remedy)"
        walk.fault(message, at: reference.place, keyPath: reference.keyPath)
    }

    private func checkRoutes(_ walk: inout Walk, upstream: String?) {
        if configuration.routes.isEmpty {
            let message =
                "There is no route, and no upstream is given; add a route, or leave \"routes\" out for the built-in ones."
            fault("routes", message, &walk)
        }
        if let upstream, configuration.routes.dropFirst().contains(where: { $0.name == "default" }) {
            fault("routes.default", "\(upstream) makes a route of this name; give this one another.", &walk)
        }
    }

    private func check(_ route: RouteSettings, _ walk: inout Walk) {
        let path = "routes." + Walk.segment(route.name)
        if route.isUniversal {
            checkUniversal(route, path, &walk)
        } else {
            let target = path + ".target_url"
            // A target that could not be read is told of already.
            if route.isEnabled, route.target == nil, !walk.hasFault(at: target), !walk.hasFault(at: path) {
                let message =
                    "A route needs a target_url, the upstream's base URL, unless it is universal_proxy or disabled."
                walk.fault(message, at: places[target] ?? places[path], keyPath: target)
            }
            if !route.allowedHosts.isEmpty {
                let message = "allowed_hosts is for universal routes; set universal_proxy, or remove it."
                fault(path + ".allowed_hosts", message, &walk)
            }
        }
        if route.proxyCAFile != nil {
            let proxy: OutboundProxy?
            switch route.proxy {
            case .global: proxy = configuration.globalProxy
            case .direct: proxy = nil
            case .proxy(let own): proxy = own
            }
            if proxy?.scheme != .https {
                let message = "proxy_ca_file is for an https:// proxy, and this route goes through none; remove it."
                fault(path + ".proxy_ca_file", message, &walk)
            }
        }
    }

    private func checkUniversal(_ route: RouteSettings, _ path: String, _ walk: inout Walk) {
        if route.target != nil {
            let message = "A universal route takes its target from each request; remove target_url or universal_proxy."
            fault(path + ".target_url", message, &walk)
        }
        if route.path != .request {
            fault(path + ".path", "A universal route takes its path from each request; remove path.", &walk)
        }
        guard route.allowedHosts.isEmpty, places[path + ".allowed_hosts[0]"] == nil else { return }
        let remedy = "on a universal route goes wherever a client says; name the hosts in allowed_hosts."
        if !route.customHeaders.isEmpty { fault(path + ".custom_headers", "What is set \(remedy)", &walk) }
        if route.defaultKey != nil { fault(path + ".default_key", "A credential \(remedy)", &walk) }
    }
}
