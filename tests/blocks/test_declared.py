"""What a page says of its kind."""

from udfs.blocks.declared import declared


def test_types_and_the_path_of_the_address_are_read() -> None:
    html = (
        '<link rel="canonical" href="https://shop.example/product/1"><meta property="og:type" content="article">'
        '<script>{"@type": "Product", "x": {"@type":["Offer"]}, "@type": "Unheard"}</script>'
    )
    found = {name: value for name, value in declared(html).items() if value}
    assert found == {"schema_product": 2, "og_type": 2, "path_product": 1}
    assert not any(declared("").values())
