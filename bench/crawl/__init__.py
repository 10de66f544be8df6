"""What a crawl costs: hours, dollars, requests of the driver."""
