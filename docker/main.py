"""The file that spark-submit is given on a cluster: starts gristmill from the zip that --py-files brought along."""

from jobs.main import main

main()
