# Varnish in front of weir, which believes what it says of the client:
#   weir serve DIR --trust-proxy 127.0.0.1 …
# Goes to /etc/varnish/default.vcl; check it with `varnishd -C -f FILE`. For Varnish 6.0 and newer.
#
# weir never sees what Varnish answers from its cache: it is not counted as a hit, and takes nothing from
# a client's allowance. So everything passes, except for what is kept below.
vcl 4.1;

backend weir {
    .host = "127.0.0.1";
    .port = "8001";
    .connect_timeout = 3s;
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
    # A probe cannot ask another port, such as that of the admin interface. HEAD counts no hit; it is
    # a request of Varnish's own address, which `--exempt 127.0.0.1` takes off the limit.
    .probe = {
        .request =
            "HEAD / HTTP/1.1"
            "Host: localhost"
            "Connection: close";
        .interval = 2s;
        .timeout = 2s;
        .window = 3;
        .threshold = 1;
        .initial = 1;
    }
}

sub vcl_recv {
    # Set, not appended to: what a client says about itself does not reach weir.
    set req.http.X-Forwarded-For = client.ip;
    unset req.http.Forwarded;

    if (req.method != "GET" && req.method != "HEAD" && req.method != "OPTIONS") {
        return (synth(405));
    }
    # Kept for as long as weir says with --cache-control '/assets/**=max-age=31536000'. No other
    # path comes to the cache.
    if (req.method != "OPTIONS" && req.url ~ "^/assets/") {
        return (hash);
    }
    return (pass);
}
